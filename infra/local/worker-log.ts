import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

const MAX_LOG_BYTES = 20_000_000;

/** The log file of one function. */
export interface WorkerLog {
  /** Sends all that is written to the streams into the file instead. */
  capture(...streams: readonly NodeJS.WriteStream[]): void;
}

/**
 * Opens a log file for appending. A full one is kept as `<name>.1`, so that each function holds at most two.
 *
 * Lines are written at once and synchronously: it takes microseconds, and the lines before a crash are the ones wanted.
 */
export function openLog(path: string): WorkerLog {
  let file = openSync(path, 'a');
  let bytes = fstatSync(file).size;

  function write(chunk: string | Uint8Array): void {
    const data = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (bytes + data.length > MAX_LOG_BYTES) {
      closeSync(file);
      renameSync(path, `${path}.1`);
      file = openSync(path, 'a');
      bytes = 0;
    }
    bytes += writeSync(file, data);
  }

  return {
    capture(...streams) {
      for (const stream of streams) {
        stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
          write(chunk);
          const callback = rest.at(-1);
          if (typeof callback === 'function') callback();
          return true;
        };
      }
    },
  };
}
