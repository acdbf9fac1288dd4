import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { importChunk } from '../../contracts/imports.ts';
import type { ImportFiles } from '../../ports/imports.ts';
import { callStore } from '../dynamodb/client.ts';

interface ImportFilesDependencies {
  readonly client: S3Client;
  readonly bucketName: string;
}

const CHUNK_DIGITS = 5;
const keyOf = (importId: string, chunk: number): string =>
  `chunks/${importId}/${chunk.toString().padStart(CHUNK_DIGITS, '0')}.json`;

/** Keeps each chunk of an import as one object; the bucket forgets them after some months. */
export function createImportFiles({ client, bucketName }: ImportFilesDependencies): ImportFiles {
  return {
    async putChunk(importId, chunk, rows) {
      const Body = JSON.stringify(rows);
      const Key = keyOf(importId, chunk);
      await callStore(() =>
        client.send(new PutObjectCommand({ Bucket: bucketName, Key, Body, ContentType: 'application/json' })),
      );
    },
    async readChunk(importId, chunk) {
      const Key = keyOf(importId, chunk);
      const { Body } = await callStore(() => client.send(new GetObjectCommand({ Bucket: bucketName, Key })));
      if (Body === undefined) throw new Error(`chunk ${chunk} of ${importId} is empty`);
      return importChunk.parse(JSON.parse(await Body.transformToString('utf8')));
    },
  };
}
