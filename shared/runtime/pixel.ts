import type { HttpResult } from './http.ts';

/** One transparent pixel: the smallest GIF that every reader takes. */
const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

/**
 * The answer to an image tag: always the pixel, as pages must not show that something is wrong. What there is to tell stands in a header,
 * for whoever looks why. Never kept by caches: each showing is one.
 */
export const pixel = (verdict: string): HttpResult => ({
  statusCode: 200,
  headers: {
    'content-type': 'image/gif',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-verdict': verdict,
  },
  body: GIF,
  isBase64Encoded: true,
});
