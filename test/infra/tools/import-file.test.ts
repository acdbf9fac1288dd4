import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createImportClient } from '../../../infra/tools/import/import-client.ts';
import { importFile } from '../../../infra/tools/import/import-file.ts';
import { splitFile, surveyFile } from '../../../infra/tools/import/split-file.ts';
import { importIdOf } from '../../support/imports.ts';

const folder = mkdtempSync(join(tmpdir(), 'leadledger-import-'));
let written = 0;
function fileOf(text: string | Buffer, extension = 'csv'): string {
  written += 1;
  const path = join(folder, `${written}.${extension}`);
  writeFileSync(path, text);
  return path;
}

const HEADER = 'type,at,campaign,click_ref';
const CLICK = 'click,2025-11-10T09:30:00Z,shop,s1';
const CONVERSION = 'conversion,2025-11-11T09:30:00Z,shop,s1';

async function partsOf(path: string, limitBytes: number) {
  const parts = [];
  for await (const part of splitFile(path, await surveyFile(path), limitBytes)) parts.push(part);
  return parts;
}

describe('splitting a file', () => {
  it('sends a file that fits as it is', async () => {
    const text = `\uFEFF${HEADER}\r\n${CONVERSION}\r\n\r\n${CLICK}`;
    const parts = await partsOf(fileOf(text), 1000);
    expect(parts.map(({ body }) => body.toString())).toEqual([text]);
    expect(parts[0]?.fileLine(4)).toBe(4);
  });

  it('sends clicks before conversions where it takes several parts, each with the header', async () => {
    const lines = [
      HEADER,
      CONVERSION,
      `${CLICK}1`,
      '',
      `"${CLICK}2`,
      `"conversion"${CONVERSION.slice(10)}`,
      `${CLICK}3`,
    ];
    const limitBytes = Buffer.byteLength(`${HEADER}\n${CLICK}1\n${CLICK}2"\n`);
    const parts = await partsOf(fileOf(lines.join('\r\n')), limitBytes);
    expect(parts.map(({ body }) => body.toString().trimEnd().split('\n'))).toEqual([
      [HEADER, lines[2], lines[4]],
      [HEADER, lines[6]],
      [HEADER, lines[1]],
      [HEADER, lines[5]],
    ]);
    expect(parts.map((part) => [part.fileLine(1), part.fileLine(2), part.fileLine(3)])).toEqual([
      [1, 3, 5],
      [1, 7, 3],
      [1, 2, 3],
      [1, 6, 3],
    ]);
    for (const { body } of parts) expect(body.length).toBeLessThanOrEqual(limitBytes);
  });

  it('splits NDJSON the same way, without a header', async () => {
    const lines = ['{"type":"conversion"}', '{"type":"click","sub1":"ü"}', 'broken'];
    const parts = await partsOf(fileOf(lines.join('\n'), 'ndjson'), 40);
    expect(parts.map(({ body }) => body.toString())).toEqual([`${lines[1]}\n${lines[2]}\n`, `${lines[0]}\n`]);
  });

  it('keeps characters whole where they lie across the pieces that the file is read in', async () => {
    const text = `${HEADER}\n${`${CLICK}é😀\n`.repeat(5000)}`;
    const parts = await partsOf(fileOf(text), 64 * 1024);
    const together = parts.map(({ body }) => body.toString().slice(HEADER.length + 1)).join('');
    expect(together).toBe(text.slice(HEADER.length + 1));
  });

  it('counts lines of data, and knows the same content again', async () => {
    const text = `${HEADER}\n${CLICK}\n\n${CONVERSION}\n`;
    const survey = await surveyFile(fileOf(text));
    expect(survey).toMatchObject({ format: 'csv', rows: 2, bytes: text.length });
    expect((await surveyFile(fileOf(text))).digest).toBe(survey.digest);
    expect((await surveyFile(fileOf(`${text} `))).digest).not.toBe(survey.digest);
  });

  it.each([
    ['is not UTF-8', Buffer.from([0x74, 0xff, 0xfe, 0x0a]), 'is not UTF-8'],
    ['has a line too long for any part', `${HEADER}\n${CLICK}${'x'.repeat(200)}\n${CLICK}`, 'Line 2'],
  ])('says so where a file %s', async (_what, content, message) => {
    await expect(partsOf(fileOf(content), 100)).rejects.toThrow(message);
  });
});

/** A service that keeps what it is sent; `answer` may answer before it does. */
class FakeService {
  readonly bodies: string[] = [];
  /** Answers that come first, one for each request: a status, or to hang up. */
  faults: ('hang up' | number)[] = [];
  pollsUntilDone = 1;
  known = new Map<string, number>();
  failed: { line: number; errors: string[] }[] = [];
  #server: Server | undefined;
  #port = 0;

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const fault = this.faults.shift();
      if (fault === 'hang up') {
        request.destroy();
        return;
      }
      void this.#answer(request).then(([status, body]) => {
        response.writeHead(fault ?? status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage): Promise<[number, unknown]> {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.method === 'POST') {
      this.bodies.push(body);
      const importId = importIdOf(this.bodies.length);
      this.known.set(importId, this.pollsUntilDone);
      return [202, { importId }];
    }
    const importId = request.url?.split('/').at(-1) ?? '';
    const left = this.known.get(importId);
    if (left === undefined) return [404, { detail: 'not known' }];
    this.known.set(importId, left - 1);
    return [
      200,
      {
        importId,
        status: left <= 1 ? 'done' : 'processing',
        rows: 2,
        accepted: 2 - this.failed.length,
        clicks: 1,
        verdicts: { confirmed: 1, pending: 0, rejected: 0, duplicate: 0 },
        failed: this.failed,
        failedCount: this.failed.length,
        acceptedAt: '2025-11-20T10:00:00.000Z',
      },
    ];
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  get address() {
    return { url: `http://127.0.0.1:${this.#port}`, key: 'key' };
  }
}

describe('importing a file', () => {
  const service = new FakeService();
  afterEach(() => service.stop());

  async function run(path: string, options: { limitBytes?: number; patienceMs?: number; begunPath?: string } = {}) {
    const said: string[] = [];
    const { patienceMs = 5000, limitBytes, begunPath = `${path}.begun.json` } = options;
    const totals = await importFile(path, {
      client: createImportClient({
        findService: async () => service.address,
        patienceMs,
        onAway: (reason) => said.push(`away: ${reason}`),
      }),
      begunPath,
      limitBytes,
      onStart: (rows, resumed) => said.push(`${rows} rows${resumed ? ', resumed' : ''}`),
      onProgress: (rows) => said.push(`${rows}`),
    });
    return { totals, said, begun: JSON.parse(readFileSync(begunPath, 'utf8')) };
  }

  function reset(): void {
    service.bodies.length = 0;
    service.faults = [];
    service.failed = [];
    service.pollsUntilDone = 1;
    service.known.clear();
  }

  it('sends it, waits, and adds up', async () => {
    reset();
    await service.start();
    service.pollsUntilDone = 2;
    const { totals, said, begun } = await run(fileOf(`${HEADER}\n${CLICK}\n${CONVERSION}\n`));
    expect(totals).toMatchObject({ rows: 2, clicks: 1, verdicts: { confirmed: 1 }, failedCount: 0 });
    expect(said).toEqual(['2 rows', '2', '2']);
    expect(begun).toEqual({});
  });

  it('adds up its parts, and names failed lines as they are in the file', async () => {
    reset();
    await service.start();
    service.failed = [{ line: 2, errors: ['at: is wrong'] }];
    const { totals } = await run(fileOf(`${HEADER}\n${CONVERSION}\n${CLICK}\n`), { limitBytes: 70 });
    expect(service.bodies).toEqual([`${HEADER}\n${CLICK}\n`, `${HEADER}\n${CONVERSION}\n`]);
    expect(totals).toMatchObject({ rows: 4, clicks: 2, verdicts: { confirmed: 2 }, failedCount: 2 });
    expect(totals.failed.map(({ line }) => line)).toEqual([3, 2]);
  });

  it('goes on when the service comes back', async () => {
    reset();
    await service.start();
    service.faults = ['hang up', 503];
    const { totals, said } = await run(fileOf(`${HEADER}\n${CLICK}\n`));
    expect(totals.rows).toBe(2);
    expect(said).toEqual(['1 rows', expect.stringMatching(/^away: /), '2']);
    // What was answered 503 was kept all the same: it was sent twice, which changes nothing.
    expect(service.bodies).toHaveLength(2);
  });

  it('gives up when the service stays away, and takes up later what was begun', async () => {
    reset();
    await service.start();
    const path = fileOf(`${HEADER}\n${CLICK}\nagain`);
    service.faults = [202, ...Array.from({ length: 20 }, () => 'hang up' as const)];
    await expect(run(path, { patienceMs: 600 })).rejects.toThrow('The service does not answer');
    service.faults = [];
    const { said, begun } = await run(path);
    expect(said[0]).toBe('2 rows, resumed');
    expect(service.bodies).toHaveLength(1);
    expect(begun).toEqual({});
  });

  it('sends again what the service does not know any more', async () => {
    reset();
    await service.start();
    const path = fileOf(`${HEADER}\n${CLICK}\nforgotten`);
    service.faults = [202, ...Array.from({ length: 20 }, () => 'hang up' as const)];
    await expect(run(path, { patienceMs: 600 })).rejects.toThrow();
    reset();
    expect((await run(path)).totals.rows).toBe(2);
    expect(service.bodies).toHaveLength(1);
  });

  it('says what the service refuses the file for', async () => {
    reset();
    await service.start();
    service.faults = [400];
    await expect(run(fileOf(`${HEADER}\n${CLICK}\nrefused`))).rejects.toThrow('The service refused the file (400)');
  });
});
