import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';

const stackFile = z.object({ url: z.url(), operatorKey: z.string() });

/** A running service and a key to speak to it with. */
export interface ServiceAddress {
  readonly url: string;
  readonly key: string;
}

/** Where the local stack keeps its data. */
export const dataDirectory = (): string => resolve(process.env['DATA_DIR'] || '.local');

/**
 * The service that the environment names (`LEADLEDGER_URL`, `LEADLEDGER_KEY`), or else the one that `npm start` runs. Throws with a
 * sentence where there is neither.
 */
export async function findService(): Promise<ServiceAddress> {
  const { LEADLEDGER_URL: url, LEADLEDGER_KEY: key } = process.env;
  if (url !== undefined && key !== undefined) return { url, key };
  const path = join(dataDirectory(), 'stack.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new Error(`No service found: run npm start, which writes ${path}, or set LEADLEDGER_URL and LEADLEDGER_KEY.`);
  }
  const stack = stackFile.parse(JSON.parse(text));
  return { url: stack.url, key: stack.operatorKey };
}

/** The answer to a call: `body` is parsed where it is JSON, else text. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface ApiClient {
  readonly url: string;
  call(method: string, path: string, options?: { readonly key?: string; readonly json?: unknown }): Promise<Answer>;
  /** As `call`; throws where the answer is not of the 200s, with what the service said. */
  expect(method: string, path: string, json?: unknown): Promise<Record<string, unknown>>;
}

const CALL_TIMEOUT_MS = 30_000;

/** A client of the HTTP API, as anybody could write one. */
export function createApiClient({ url, key }: ServiceAddress): ApiClient {
  const call: ApiClient['call'] = async (method, path, options = {}) => {
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${options.key ?? key}`,
        ...(options.json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(options.json !== undefined && { body: JSON.stringify(options.json) }),
    });
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return {
    url,
    call,
    async expect(method, path, json) {
      const answer = await call(method, path, json === undefined ? {} : { json });
      if (answer.status < 200 || answer.status > 299) {
        throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
      return answer.body as Record<string, unknown>;
    },
  };
}
