import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { viewFromText, viewToText } from '../../shared/domain/billing/view-text.ts';
import type { ChunkFiles } from '../../shared/ports/chunk-files.ts';
import type { DocumentFiles, DocumentViews } from '../../shared/ports/documents.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';

/** The buckets. */
export class FileStore {
  private readonly texts = new Map<string, string>();

  documentsFor(machine: Machine, instance: Instance): DocumentFiles {
    return {
      put: async (folder, text) => {
        await call(machine, instance);
        const digest = createHash('sha256').update(text).digest('hex');
        this.texts.set(`${folder}/${digest}`, text);
        return digest;
      },
      get: async (folder, digest) => {
        await call(machine, instance);
        return this.textOf(folder, digest);
      },
    };
  }

  viewsFor(machine: Machine, instance: Instance): DocumentViews {
    const keyOf = (number: string): string => `views/${number}`;
    return {
      put: async (view) => {
        await call(machine, instance);
        if (!this.texts.has(keyOf(view.number))) this.texts.set(keyOf(view.number), viewToText(view));
      },
      get: async (number) => {
        await call(machine, instance);
        const text = this.texts.get(keyOf(number));
        return text === undefined ? undefined : viewFromText(text);
      },
    };
  }

  /** Chunks of a job that is worked off behind a queue. */
  chunksFor<Row>(machine: Machine, instance: Instance, schema: z.ZodType<readonly Row[]>): ChunkFiles<Row> {
    const keyOf = (jobId: string, chunk: number): string => `chunks/${jobId}/${chunk}`;
    return {
      putChunk: async (jobId, chunk, rows) => {
        await call(machine, instance);
        this.texts.set(keyOf(jobId, chunk), JSON.stringify(rows));
      },
      readChunk: async (jobId, chunk) => {
        await call(machine, instance);
        const text = this.texts.get(keyOf(jobId, chunk));
        if (text === undefined) throw new Error(`there is no ${keyOf(jobId, chunk)}`);
        return schema.parse(JSON.parse(text));
      },
    };
  }

  /** A kept text. Throws where it is not there. */
  textOf(folder: string, digest: string): string {
    const text = this.texts.get(`${folder}/${digest}`);
    if (text === undefined) throw new Error(`there is no ${folder}/${digest}`);
    return text;
  }
}

const call = (machine: Machine, instance: Instance): Promise<void> => instance.sleep(machine.latency());
