import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** `npm start`, as anybody runs it, in a process group of its own. */
export interface StartedStack {
  readonly url: string;
  readonly key: string;
  /** The variables of all functions together and where the engines are. */
  readonly env: Readonly<Record<string, string>>;
  /** From the command to the first 200 of `/health`. */
  readonly startMs: number;
  /** CPU seconds used until now by the runner with its handlers, and by the DynamoDB engine. */
  cpuSeconds(): { readonly node: number; readonly engine: number };
  /** `kill -9` of the DynamoDB engine alone; the runner starts it again. False where it is down already. */
  killEngine(): boolean;
  /** `kill -9` of everything at once, as a power cut would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const CLOCK_TICKS_PER_SECOND = 100;

/**
 * Starts the stack on what is in `dataDir` and waits until it answers. It ends with this process.
 *
 * @param onTrouble is told what it says on standard error. Default: it is shown.
 */
export async function startStackProcess(
  dataDir: string,
  port: number,
  onTrouble: (text: string) => void = (text) => process.stderr.write(text),
): Promise<StartedStack> {
  const begun = performance.now();
  const stackFile = join(dataDir, 'stack.json');
  // Of a run that was killed.
  await rm(stackFile, { force: true });
  const child = spawn(process.execPath, ['infra/local/start.ts'], {
    // As under npm, it ends when its parent does.
    env: { ...process.env, PORT: port.toString(), DATA_DIR: dataDir, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let lastTrouble = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastTrouble = chunk.toString();
    onTrouble(lastTrouble);
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || performance.now() - begun > START_TIMEOUT_MS) {
      child.kill('SIGKILL');
      throw new Error(`the stack did not start: ${lastTrouble.trim()}`);
    }
    await sleep(20);
  }
  const startMs = performance.now() - begun;
  const { operatorKey, env } = JSON.parse(await untilReadable(stackFile));
  return {
    url,
    key: operatorKey,
    env,
    startMs,
    cpuSeconds: () => {
      const engine = enginePidOf(child);
      return { node: cpuSeconds(child.pid), engine: engine === undefined ? 0 : cpuSeconds(engine) };
    },
    killEngine: () => {
      const engine = enginePidOf(child);
      return engine !== undefined && process.kill(engine, 'SIGKILL');
    },
    kill: () => end(child, () => process.kill(-(child.pid ?? 0), 'SIGKILL')),
    stop: () => end(child, () => child.kill('SIGTERM')),
  };
}

async function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    (response) => response.ok,
    () => false,
  );
}

async function untilReadable(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
    await sleep(20);
  }
}

async function end(child: ChildProcess, signal: () => boolean): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  signal();
  await exited;
}

/** The engine among the runner's children; undefined while there is none. */
function enginePidOf({ pid }: ChildProcess): number | undefined {
  const children = procFile(`${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean);
  return children.map(Number).find((child) => procFile(`${child}/cmdline`).includes('dynoxide'));
}

/** Empty where the process has just ended. */
function procFile(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}

/** User and system time of a process with its threads, from `/proc/<pid>/stat`. */
function cpuSeconds(pid: number | undefined): number {
  const fields = procFile(`${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}
