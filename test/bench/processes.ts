import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** `npm start`, as anybody runs it, on data of its own. */
export interface StartedStack {
  readonly url: string;
  readonly key: string;
  /** From the command to the first 200 of `/health`. */
  readonly startMs: number;
  /** CPU seconds used until now by the runner with its handlers, and by the DynamoDB engine. */
  cpuSeconds(): { readonly node: number; readonly engine: number };
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const CLOCK_TICKS_PER_SECOND = 100;

/** Starts the stack on empty data in `dataDir` and waits until it answers. */
export async function startStackProcess(dataDir: string, port: number): Promise<StartedStack> {
  await rm(dataDir, { recursive: true, force: true });
  const begun = performance.now();
  const child = spawn(process.execPath, ['infra/local/start.ts'], {
    env: { ...process.env, PORT: port.toString(), DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || performance.now() - begun > START_TIMEOUT_MS)
      throw new Error('the stack did not start');
    await sleep(20);
  }
  const startMs = performance.now() - begun;
  const { operatorKey } = JSON.parse(await untilReadable(join(dataDir, 'stack.json')));
  return { url, key: operatorKey, startMs, cpuSeconds: () => cpuSecondsOf(child), stop: () => stop(child) };
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

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

function cpuSecondsOf(child: ChildProcess): { node: number; engine: number } {
  const children = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const engine = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dynoxide'));
  return { node: cpuSeconds(String(child.pid)), engine: engine === undefined ? 0 : cpuSeconds(engine) };
}

/** User and system time of a process with its threads, from `/proc/<pid>/stat`. */
function cpuSeconds(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}
