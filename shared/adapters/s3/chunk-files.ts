import type * as z from 'zod';
import type { ChunkFiles } from '../../ports/chunk-files.ts';
import { createObjectStore } from './objects.ts';

const CHUNK_DIGITS = 5;
const keyOf = (jobId: string, chunk: number): string =>
  `chunks/${jobId}/${chunk.toString().padStart(CHUNK_DIGITS, '0')}.json`;

/** Keeps each chunk of a job as one object; the bucket forgets them after some months. `schema` reads a chunk back. */
export function createChunkFiles<Row>({
  bucketName,
  schema,
}: {
  readonly bucketName: string;
  readonly schema: z.ZodType<readonly Row[]>;
}): ChunkFiles<Row> {
  const objects = createObjectStore(bucketName);
  return {
    putChunk: (jobId, chunk, rows) => objects.put(keyOf(jobId, chunk), JSON.stringify(rows), 'application/json'),
    readChunk: async (jobId, chunk) => schema.parse(JSON.parse(await objects.get(keyOf(jobId, chunk)))),
  };
}
