import { setTimeout as sleep } from 'node:timers/promises';
import { type ImportStatus, importAccepted, importStatus } from '../../../shared/contracts/imports.ts';
import type { ServiceAddress } from '../api-client.ts';
import type { FileFormat } from './split-file.ts';

/** How long the service may be away before the tool gives up. */
const DEFAULT_PATIENCE_MS = 5 * 60_000;
const CALL_TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5000;
const POLL_MS = 500;

const MEDIA_TYPES: Readonly<Record<FileFormat, string>> = { csv: 'text/csv', ndjson: 'application/x-ndjson' };

export interface ImportClientOptions {
  /** Asked for before each call: a service that comes back may have another address. */
  readonly findService: () => Promise<ServiceAddress>;
  readonly patienceMs?: number | undefined;
  /** Told once each time the service goes away. */
  readonly onAway: (reason: string) => void;
}

/** Speaks to the imports of a service that may go away and come back. */
export interface ImportClient {
  /** Sends a part, and returns the id of its import. Sending one twice changes nothing. */
  send(format: FileFormat, body: Buffer): Promise<string>;
  /** Waits until an import is done; undefined where the service does not know it. */
  wait(importId: string, onProgress: (status: ImportStatus) => void): Promise<ImportStatus | undefined>;
}

/** The service, or what stands between, answers for now with an error that will pass. */
class Away extends Error {
  override readonly name = 'Away';
}

/** Makes a client that repeats what did not get through. Throws what the service refuses, and when patience is at an end. */
export function createImportClient(options: ImportClientOptions): ImportClient {
  const { findService, onAway, patienceMs = DEFAULT_PATIENCE_MS } = options;

  async function once(method: string, path: string, init: RequestInit): Promise<Response> {
    const { url, key } = await findService();
    const response = await fetch(url + path, {
      ...init,
      method,
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      headers: { ...init.headers, authorization: `Bearer ${key}` },
    });
    if (response.status >= 500 || response.status === 429) throw new Away(`it answers ${response.status}`);
    return response;
  }

  async function insist(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const deadline = Date.now() + patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      try {
        return await once(method, path, init);
      } catch (error) {
        const reason = reasonOf(error as Error);
        if (Date.now() + pauseMs > deadline)
          throw new Error(`The service does not answer: ${reason}`, { cause: error });
        if (pauseMs === FIRST_PAUSE_MS) onAway(reason);
        await sleep(pauseMs);
      }
    }
  }

  return {
    async send(format, body) {
      const headers = { 'content-type': MEDIA_TYPES[format] };
      const response = await insist('POST', '/v1/imports', { body: new Uint8Array(body), headers });
      if (response.status !== 202) throw await refusal(response);
      return importAccepted.parse(await response.json()).importId;
    },
    async wait(importId, onProgress) {
      for (;;) {
        const response = await insist('GET', `/v1/imports/${importId}`);
        if (response.status === 404) return undefined;
        if (response.status !== 200) throw await refusal(response);
        const status = importStatus.parse(await response.json());
        onProgress(status);
        if (status.status === 'done') return status;
        await sleep(POLL_MS);
      }
    },
  };
}

const reasonOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : error.message);

async function refusal(response: Response): Promise<Error> {
  const text = await response.text();
  const problem = /\bjson\b/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : {};
  return new Error(`The service refused the file (${response.status}): ${problem.detail ?? text}`);
}
