import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpEvent, HttpResult } from '../../shared/runtime/http.ts';

const compress = promisify(gzip);
const CACHE_SECONDS = 300;

/** Serves a file from the folder of assets, read and compressed once in the life of the instance. */
export type ServeAsset = (event: HttpEvent, name: string, mediaType: string) => Promise<HttpResult>;

/** Serves files that the build put beside the code. `name` must come from the code, never from a request. */
export function createServeAsset(folder: string): ServeAsset {
  const files = new Map<string, Promise<{ plain: Buffer; gzipped: Buffer }>>();
  return async (event, name, mediaType) => {
    const file = files.get(name) ?? load(join(folder, name));
    files.set(name, file);
    const { plain, gzipped } = await file;
    const headers = {
      'content-type': mediaType,
      'cache-control': `public, max-age=${CACHE_SECONDS}`,
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
    };
    // API Gateway compresses nothing, and the viewer's script is over a megabyte.
    return /\bgzip\b/.test(event.headers['accept-encoding'] ?? '')
      ? {
          statusCode: 200,
          headers: { ...headers, 'content-encoding': 'gzip' },
          body: gzipped.toString('base64'),
          isBase64Encoded: true,
        }
      : { statusCode: 200, headers, body: plain.toString('utf8') };
  };
}

async function load(path: string): Promise<{ plain: Buffer; gzipped: Buffer }> {
  const plain = await readFile(path);
  return { plain, gzipped: await compress(plain) };
}
