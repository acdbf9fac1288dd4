import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createChunkFiles } from '../../../shared/adapters/s3/chunk-files.ts';
import { createObjectStore } from '../../../shared/adapters/s3/objects.ts';
import { importChunk } from '../../../shared/contracts/imports.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { useEngines } from '../../support/engines.ts';
import { clickRow, conversionRow, IMPORT_ID } from '../../support/imports.ts';

const engines = await useEngines();
const bucketName = engines.env.IMPORTS_BUCKET_NAME;

describe('objects of a bucket', () => {
  const objects = createObjectStore(bucketName);

  it('come back as they were put', async () => {
    await objects.put('a/b-1_c.json', '{"é":"😀"}', 'application/json');
    expect(await objects.get('a/b-1_c.json')).toBe('{"é":"😀"}');
  });

  it('are the last that was put', async () => {
    await objects.put('twice', 'first', 'text/plain');
    await objects.put('twice', 'second', 'text/plain');
    expect(await objects.get('twice')).toBe('second');
  });

  it('that are not there are no passing trouble', async () => {
    await expect(objects.get('nowhere')).rejects.toThrow('GET nowhere was answered 404');
    await expect(objects.get('nowhere')).rejects.not.toThrow(StoreUnavailable);
  });

  it('are unavailable where nobody answers', async () => {
    const deaf = createObjectStore(bucketName, { ...process.env, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' });
    await expect(deaf.put('a', 'b', 'text/plain')).rejects.toThrow(StoreUnavailable);
  });

  it('are asked for again where the store is busy', async () => {
    const statuses = [503, 500, 200];
    const server = createServer((_request, response) => {
      response.statusCode = statuses.shift() ?? 500;
      response.end('body');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const busy = createObjectStore(bucketName, { ...process.env, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` });
    expect(await busy.get('a')).toBe('body');
    await expect(busy.get('a')).rejects.toThrow(StoreUnavailable);
    server.close();
  });
});

describe('chunks of an import', () => {
  const files = createChunkFiles({ bucketName, schema: importChunk });

  it('come back as they were kept', async () => {
    const rows = [
      clickRow({ source: 'google', subIds: { sub1: 'ü,"' } }),
      conversionRow({ amount: '9.50', currency: 'EUR', clickRef: undefined }),
    ];
    await files.putChunk(IMPORT_ID, 7, rows);
    expect(await files.readChunk(IMPORT_ID, 7)).toEqual(rows);
  });

  it('fail where they are not there', async () => {
    await expect(files.readChunk(IMPORT_ID, 8)).rejects.toThrow('was answered 404');
  });
});
