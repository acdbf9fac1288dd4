import { type HttpHandler, type HttpResult, json, pathParameter } from '../../shared/runtime/http.ts';
import { notFound } from '../../shared/runtime/problems.ts';
import type { ServeAsset } from './assets.ts';
import { CONTENT_SECURITY_POLICY, PAGE, START_SCRIPT } from './page.ts';

/** The viewer's files, by the names under `/docs/`. */
const VIEWER_FILES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const text = (body: string, mediaType: string, headers: Record<string, string> = {}): HttpResult => ({
  statusCode: 200,
  headers: {
    'content-type': `${mediaType}; charset=utf-8`,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    ...headers,
  },
  body,
});

/** What the API says about itself. */
export function createDescribeApi(serveAsset: ServeAsset): Readonly<Record<string, HttpHandler>> {
  return {
    'GET /health': async () => json(200, { status: 'ok' }),
    'GET /openapi.json': (event) => serveAsset(event, 'openapi.json', 'application/json'),
    'GET /docs': async () =>
      text(PAGE, 'text/html', {
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'referrer-policy': 'no-referrer',
      }),
    'GET /docs/{asset}': async (event) => {
      const asset = pathParameter(event, 'asset');
      if (asset === 'start.js') return text(START_SCRIPT, 'text/javascript');
      const mediaType = Object.hasOwn(VIEWER_FILES, asset) ? VIEWER_FILES[asset] : undefined;
      if (mediaType === undefined) throw notFound(`There is no /docs/${asset}.`);
      return serveAsset(event, asset, mediaType);
    },
  };
}
