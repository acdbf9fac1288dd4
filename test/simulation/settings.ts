import { millisecondsOf } from '../../shared/domain/time/calendar.ts';

/** How a run's world is set up, read from the first numbers of its tape. */
export interface Settings {
  readonly startMs: number;
  /** Seeds how long calls take; 0: all the same. */
  readonly jitter: number;
  /** Over how many lanes each stream is spread. */
  readonly lanes: number;
  /** The network's. */
  readonly timeZone: string;
  /** Whether there are rollups. */
  readonly rollups: boolean;
  /** Whether the conservation report is drawn up in the end. */
  readonly conserves: boolean;
  /** Whether months are closed. */
  readonly closes: boolean;
  /** Whether streams are read once more in the end. */
  readonly replays: boolean;
  /** Whether senders report to endpoints. */
  readonly endpoints: boolean;
  /** Whether others are told of what happens. */
  readonly delivers: boolean;
}

const STARTS = [
  '2025-11-12T10:00:00.000Z',
  // A minute before the month ends in Berlin.
  '2025-11-30T22:59:00.000Z',
  // A minute before it ends in UTC.
  '2025-11-30T23:59:00.000Z',
  // The hour that clocks in Berlin show twice.
  '2025-10-26T00:30:00.000Z',
] as const;
const TIME_ZONES = ['UTC', 'Europe/Berlin'] as const;
/** In one of so many runs there is what costs more than all the rest together. */
const RUNS_A_ROLLUP = 8;
const RUNS_A_CLOSE = 8;
const RUNS_A_REPLAY = 4;
const RUNS_OF_ENDPOINTS = 5;
const RUNS_OF_DELIVERIES = 8;

/** How many values each setting has, in their order on the tape. */
export const SETTING_CHOICES = [
  STARTS.length,
  0x7fff_ffff,
  2,
  TIME_ZONES.length,
  RUNS_A_ROLLUP,
  RUNS_A_CLOSE,
  RUNS_A_REPLAY,
] as const;

/** As many of those that follow them: they are drawn apart, so that seeds without them play the worlds that they played before. */
export const LATER_CHOICES = [RUNS_OF_ENDPOINTS, RUNS_OF_DELIVERIES] as const;

/** The same settings with other times that calls take. */
export const withJitter = ([start = 0, _jitter, ...rest]: readonly number[], jitter: number): readonly number[] => [
  start,
  jitter,
  ...rest,
];

export function readSettings(numbers: readonly number[]): Settings {
  const [start = 0, jitter = 0, lanes = 0, timeZone = 0, rollups = 0, closes = 0, replays = 0] = numbers;
  const [endpoints, delivers] = numbers.slice(SETTING_CHOICES.length);
  return {
    startMs: millisecondsOf(STARTS[start % STARTS.length] ?? STARTS[0]),
    jitter,
    lanes: 1 + (lanes % 2),
    timeZone: TIME_ZONES[timeZone % TIME_ZONES.length] ?? TIME_ZONES[0],
    rollups: rollups === 1 || rollups === 2,
    conserves: rollups === 2,
    closes: closes === 1,
    replays: replays === 1,
    endpoints: endpoints === 1,
    delivers: delivers === 1,
  };
}
