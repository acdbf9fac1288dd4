import { readFile } from 'node:fs/promises';
import type { HttpHandler } from '../../shared/runtime/http.ts';

const CACHE_SECONDS = 3600;

/** Serves the script of landing pages, which the build has put at `path`. */
export function createServeScript(path: string): HttpHandler {
  let script: Promise<string> | undefined;
  return async () => {
    script ??= readFile(path, 'utf8');
    return {
      statusCode: 200,
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': `public, max-age=${CACHE_SECONDS}`,
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff',
      },
      body: await script,
    };
  };
}
