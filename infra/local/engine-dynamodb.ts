import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 1000;
const RESTART_DELAY_MS = 200;

/** A running DynamoDB-compatible engine. */
export interface DynamoDbEngine {
  readonly endpoint: string;
  /** Of the engine's process; undefined for one that somebody else runs. */
  pid(): number | undefined;
  /** Kills the engine as a power cut would; it stays down until `restart`. Only for an engine of our own. */
  kill(): Promise<void>;
  /** Starts the engine again on its old port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** An engine that somebody else runs, such as AWS's DynamoDB Local: it is neither started nor stopped here. */
export async function foreignDynamoDb(endpoint: string): Promise<DynamoDbEngine> {
  // Twice: the app is synthesised meanwhile, and a blocked event loop sees its timers before its sockets.
  if (!(await isUp(endpoint)) && !(await isUp(endpoint))) {
    throw new Error(`No DynamoDB engine answers at ${endpoint}. Start it, or unset DYNAMODB_ENDPOINT.`);
  }
  const refuse = (): Promise<void> =>
    Promise.reject(new Error(`the engine at ${endpoint} is not ours to stop or start`));
  return { endpoint, pid: () => undefined, kill: refuse, restart: refuse, stop: () => Promise.resolve() };
}

/**
 * Starts the engine with its data in `dbPath`. It dies with this process, whatever kills it, and is started again where it
 * dies by itself.
 *
 * @param onExit is told when the engine has died by itself.
 */
export async function startDynamoDb(dbPath: string, onExit: (reason: string) => void): Promise<DynamoDbEngine> {
  const binary = engineBinary();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let wanted = false;

  async function start(): Promise<void> {
    wanted = true;
    const started = spawnBoundToUs(binary, ['serve', '--port', String(port), '--db-path', dbPath]);
    child = started;
    const exit = once(started, 'exit');
    exit.then(
      ([code, signal]) => {
        child = undefined;
        if (!wanted) return;
        onExit(`the DynamoDB engine ended (${signal ?? `code ${code}`}); starting it again`);
        setTimeout(() => {
          if (wanted && child === undefined) start().catch((error: unknown) => onExit(String(error)));
        }, RESTART_DELAY_MS).unref();
      },
      () => undefined,
    );
    await answers(endpoint, exit);
    indexStreamRecords(dbPath);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    wanted = false;
    const ending = child;
    if (ending === undefined) return;
    const exit = once(ending, 'exit');
    ending.kill(signal);
    await exit;
  }

  await start();
  return {
    endpoint,
    pid: () => child?.pid,
    kill: () => end('SIGKILL'),
    restart: start,
    // It commits each write before it answers: there is nothing that a gentle end would save.
    stop: () => end('SIGKILL'),
  };
}

/** The path of the engine's program. Throws a sentence where there is none for this kind of machine, or it is not installed. */
export function engineBinary(machine = `${process.platform}-${process.arch}`): string {
  const packageName = `@dynoxide/${machine}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)), 'dynoxide');
  } catch {
    throw new Error(
      `No DynamoDB engine for ${machine}: the package ${packageName} is not installed. ` +
        'Run `npm ci`, or set DYNAMODB_ENDPOINT to another engine, such as DynamoDB Local at http://localhost:8000.',
    );
  }
}

/** A child that the kernel kills when this process ends, even by `kill -9`. */
function spawnBoundToUs(binary: string, args: readonly string[]): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', binary, ...args], { stdio: 'ignore' });
  child.on('error', () => undefined);
  return child;
}

async function answers(endpoint: string, exit: Promise<unknown[]>): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let ended: string | undefined;
  exit.then(
    ([code, signal]) => {
      ended = `it ended with ${signal ?? `code ${code}`}`;
    },
    (error: unknown) => {
      ended = String(error);
    },
  );
  for (;;) {
    if (await isUp(endpoint)) return;
    if (ended !== undefined) throw new Error(`The DynamoDB engine did not start: ${ended}.`);
    if (Date.now() > deadline) throw new Error('The DynamoDB engine did not answer within 10 s.');
    await sleep(10);
  }
}

/** Whether anybody listens there. */
function isUp(endpoint: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(endpoint);
  const socket = connect({
    host: hostname,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    timeout: PROBE_TIMEOUT_MS,
  });
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('timeout', () => resolve(false));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

/**
 * Without these the engine reads every record of a stream table at each write and at each poll: writes get slower and slower.
 * Made in its database while it runs, because it makes the table itself at its first start.
 */
function indexStreamRecords(dbPath: string): void {
  const database = new DatabaseSync(dbPath, { timeout: 5000 });
  try {
    database.exec(`
      CREATE INDEX IF NOT EXISTS local_stream_by_number
        ON _stream_records(table_name, CAST(sequence_number AS INTEGER));
      CREATE INDEX IF NOT EXISTS local_stream_by_shard
        ON _stream_records(table_name, shard_id, sequence_number);
    `);
  } finally {
    database.close();
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  server.close();
  await once(server, 'close');
  return address.port;
}
