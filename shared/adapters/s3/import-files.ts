import { importChunk } from '../../contracts/imports.ts';
import type { ImportFiles } from '../../ports/imports.ts';
import { createObjectStore } from './objects.ts';

const CHUNK_DIGITS = 5;
const keyOf = (importId: string, chunk: number): string =>
  `chunks/${importId}/${chunk.toString().padStart(CHUNK_DIGITS, '0')}.json`;

/** Keeps each chunk of an import as one object; the bucket forgets them after some months. */
export function createImportFiles({ bucketName }: { readonly bucketName: string }): ImportFiles {
  const objects = createObjectStore(bucketName);
  return {
    putChunk: (importId, chunk, rows) => objects.put(keyOf(importId, chunk), JSON.stringify(rows), 'application/json'),
    async readChunk(importId, chunk) {
      return importChunk.parse(JSON.parse(await objects.get(keyOf(importId, chunk))));
    },
  };
}
