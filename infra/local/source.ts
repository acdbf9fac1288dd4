/** Something that feeds events to a function: a queue or the stream of a table. */
export interface Source {
  readonly id: string;
  start(): void;
  /**
   * Resolves once all that was there at the call has been handled, with whether there was anything. What it leads to
   * elsewhere is not waited for.
   */
  drain(): Promise<boolean>;
  /** Lets the call in progress end. */
  stop(): Promise<void>;
}

export type Invoke = (functionName: string, event: string) => Promise<unknown>;

/** How the runner may differ from what is deployed, so that nobody waits for clocks. Undefined: as deployed. */
export interface SourceTimings {
  /** At most this long is a batch waited for. */
  readonly maxBatchingWindowMs?: number | undefined;
  /** Tumbling windows are at most this long. */
  readonly maxTumblingWindowMs?: number | undefined;
  /** After this time a failed message comes back, where it is not its function that says when. */
  readonly failedMessageDelayMs?: number | undefined;
  /** Before the second try of a batch of changes; it doubles with each further one. Default: 100 ms. */
  readonly firstRetryDelayMs?: number | undefined;
}

/** A wait that can be cut short. */
export interface Pause {
  wait(ms: number): Promise<void>;
  wake(): void;
}

/** Waits of which the last one can be ended at any time; a wake without a wait ends the next. */
export function createPause(): Pause {
  let end: (() => void) | undefined;
  let isAwake = false;
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        if (isAwake) {
          isAwake = false;
          resolve();
          return;
        }
        const timer = setTimeout(finish, ms);
        function finish(): void {
          clearTimeout(timer);
          end = undefined;
          resolve();
        }
        end = finish;
      }),
    wake: () => {
      if (end === undefined) isAwake = true;
      else end();
    },
  };
}
