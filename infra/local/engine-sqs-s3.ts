import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** A running engine that speaks SQS and S3. */
export interface SqsS3Engine {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** What the thread is told. */
export interface SqsS3Options {
  /** Where queues and their messages are kept. */
  readonly dataDir: string;
  /** Where objects are kept, each as a file. */
  readonly objectsDir: string;
}

/** Starts the engine in a thread of this process: it ends with the process, and its work does not block ours. */
export async function startSqsS3(options: SqsS3Options): Promise<SqsS3Engine> {
  releaseMessagesInFlight(options.dataDir);
  const worker = new Worker(new URL('./engine-sqs-s3-worker.ts', import.meta.url), {
    workerData: options,
    execArgv: [],
    stdout: true,
  });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The SQS and S3 engine ended with code ${code}.`)));
  });
  worker.unref();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      worker.ref();
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage('stop');
      await ended;
    },
  };
}

/**
 * Makes every message visible that was being worked on when the last run ended: its reader is gone, and the visibility
 * timeout, six times that of the function, would only hold the message back.
 */
function releaseMessagesInFlight(dataDir: string): void {
  const path = join(dataDir, 'fauxqs.db');
  if (!existsSync(path)) return;
  const database = new DatabaseSync(path);
  try {
    database.exec('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL');
  } finally {
    database.close();
  }
}
