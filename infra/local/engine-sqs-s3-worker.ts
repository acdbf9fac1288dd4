import { Server } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { startFauxqs } from 'fauxqs';
import type { SqsS3Options } from './engine-sqs-s3.ts';

// fauxqs listens on every interface and checks no credentials. This thread serves nothing else: keep it on this machine.
const listen = Server.prototype.listen as (this: Server, options: object, ...rest: unknown[]) => Server;
Server.prototype.listen = function listenLocally(this: Server, options: object, ...rest: unknown[]): Server {
  return listen.call(this, { ...options, host: '127.0.0.1' }, ...rest);
} as typeof Server.prototype.listen;

const { dataDir, objectsDir } = workerData as SqsS3Options;
const server = await startFauxqs({
  port: 0,
  logger: false,
  defaultRegion: 'us-east-1',
  dataDir,
  s3StorageDir: objectsDir,
});
parentPort?.once('message', async () => {
  await server.stop();
  process.exit();
});
parentPort?.postMessage(server.port);
