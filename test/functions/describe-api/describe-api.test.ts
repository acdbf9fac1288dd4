import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createServeAsset } from '../../../functions/describe-api/assets.ts';
import { createDescribeApi } from '../../../functions/describe-api/describe-api.ts';
import { createHttpHandler, type HttpEvent, type HttpResult } from '../../../shared/runtime/http.ts';
import { httpEvent } from '../../support/builders.ts';

const folder = mkdtempSync(join(tmpdir(), 'leadledger-assets-'));
writeFileSync(join(folder, 'openapi.json'), '{"openapi":"3.1.0"}');
writeFileSync(join(folder, 'swagger-ui.css'), 'body{}');
writeFileSync(join(folder, 'swagger-ui-bundle.js'), 'viewer');
writeFileSync(join(folder, 'secret.txt'), 'secret');

const handler = createHttpHandler(createDescribeApi(createServeAsset(folder)));

const get = (path: string, routeKey: string, changes: Partial<HttpEvent> = {}): Promise<HttpResult> =>
  handler(
    httpEvent({
      routeKey,
      rawPath: path,
      requestContext: { requestId: 'request-1', http: { method: 'GET' } } as HttpEvent['requestContext'],
      ...changes,
    }),
    {} as never,
  );
const getAsset = (asset: string) => get(`/docs/${asset}`, 'GET /docs/{asset}', { pathParameters: { asset } });

describe('describe-api', () => {
  it('says that it is well', async () => {
    expect(await get('/health', 'GET /health')).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' });
  });

  it('hands out the description', async () => {
    const result = await get('/openapi.json', 'GET /openapi.json');
    expect(result.headers?.['content-type']).toBe('application/json');
    expect(JSON.parse(result.body ?? '')).toEqual({ openapi: '3.1.0' });
  });

  it('compresses for those who take it', async () => {
    const result = await get('/openapi.json', 'GET /openapi.json', { headers: { 'accept-encoding': 'br, gzip' } });
    expect(result).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
    expect(gunzipSync(Buffer.from(result.body ?? '', 'base64')).toString()).toBe('{"openapi":"3.1.0"}');
  });

  it('shows a page that loads nothing from elsewhere and runs nothing inline', async () => {
    const { headers, body = '' } = await get('/docs', 'GET /docs');
    expect(headers?.['content-type']).toBe('text/html; charset=utf-8');
    expect(headers?.['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers?.['content-security-policy']).not.toContain('unsafe');
    expect(body).not.toMatch(/https?:|<script>|<style|style=| on\w+=/);
    const own = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
    for (const url of own.filter((url) => url.startsWith('/docs/'))) {
      expect((await getAsset(url.slice('/docs/'.length))).statusCode).toBe(200);
    }
  });

  it.each([
    ['swagger-ui.css', 'text/css; charset=utf-8', 'body{}'],
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8', 'viewer'],
  ])('serves %s', async (asset, mediaType, body) => {
    const result = await getAsset(asset);
    expect(result).toMatchObject({ statusCode: 200, body, headers: { 'content-type': mediaType } });
  });

  it.each([['secret.txt'], ['../secret.txt'], ['constructor'], ['__proto__'], ['']])(
    'serves no other file: %j',
    async (asset) => {
      expect((await getAsset(asset)).statusCode).toBe(404);
    },
  );
});
