import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { engineBinary, freePort } from '../../../infra/local/engine-dynamodb.ts';
import { temporaryFolder, until } from './support.ts';

const root = join(import.meta.dirname, '../../..');
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** Runs one of the runner's programs as npm would. */
function run(program: 'start' | 'reset', env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [join(root, `infra/local/${program}.ts`)], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, output: () => output };
}

const isAlive = (pid: number): boolean => {
  try {
    // A zombie still has its entry, but no command line.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};

function childrenOf(pid: number | undefined): number[] {
  const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return ids === '' ? [] : ids.split(' ').map(Number);
}

async function startService(dataDir: string) {
  const port = await freePort();
  const service = run('start', { DATA_DIR: dataDir, PORT: String(port) });
  const file = join(dataDir, 'stack.json');
  // A run that was killed leaves its file behind.
  const isReady = (): boolean => existsSync(file) && readFileSync(file, 'utf8').includes(`:${port}"`);
  await Promise.race([until(isReady), service.ended]);
  if (!isReady()) throw new Error(service.output());
  const { url, operatorKey } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; operatorKey: string };
  return { ...service, port, url, operatorKey, file };
}

describe('npm start', () => {
  const dataDir = temporaryFolder();

  it('serves, says where, and leaves no process behind when it is stopped', async () => {
    const service = await startService(dataDir);
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
    expect(statSync(service.file).mode & 0o777).toBe(0o600);
    await until(() => service.output().includes('Ctrl-C'));
    expect(service.output()).toContain(service.url);
    expect(service.output()).toContain(service.operatorKey);

    const engines = childrenOf(service.child.pid);
    expect(engines).toHaveLength(1);
    service.child.kill('SIGINT');
    expect(await service.ended).toBe(0);
    expect(engines.filter(isAlive)).toEqual([]);
    expect(existsSync(service.file)).toBe(false);
  });

  it('leaves no process behind when it is killed, and goes on from its data', async () => {
    const first = await startService(dataDir);
    const engines = childrenOf(first.child.pid);
    first.child.kill('SIGKILL');
    await first.ended;
    await until(() => engines.every((pid) => !isAlive(pid)));

    const second = await startService(dataDir);
    expect(second.operatorKey).toBe(first.operatorKey);
    const refused = run('start', { DATA_DIR: dataDir, PORT: String(await freePort()) });
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toContain(`Another instance is running on the data in ${dataDir}, at ${second.url}.`);
    const reset = run('reset', { DATA_DIR: dataDir });
    expect(await reset.ended).toBe(1);
    expect(reset.output()).toContain(`The service runs on the data in ${dataDir}: stop it first.`);
    second.child.kill('SIGTERM');
    await second.ended;

    const emptied = run('reset', { DATA_DIR: dataDir });
    expect(await emptied.ended).toBe(0);
    expect(emptied.output()).toContain('is empty');
  });

  it.each([
    ['PORT', 'http', 'PORT=http: it takes a number up to 65535.'],
    ['DYNAMODB_ENDPOINT', 'http://127.0.0.1:9', 'No DynamoDB engine answers at http://127.0.0.1:9'],
  ])('says in a sentence what is wrong with %s', async (name, value, sentence) => {
    const refused = run('start', { DATA_DIR: temporaryFolder(), PORT: String(await freePort()), [name]: value });
    expect(await refused.ended).toBe(1);
    expect(refused.output().trim().split('\n').at(-1)).toContain(sentence);
  });

  it('says in a sentence that there is no engine for this kind of machine, and what to do', () => {
    expect(() => engineBinary('plan9-mips')).toThrow(
      'No DynamoDB engine for plan9-mips: the package @dynoxide/plan9-mips is not installed. ' +
        'Run `npm ci`, or set DYNAMODB_ENDPOINT to another engine',
    );
  });
});
