import { StoreUnavailable } from '../ports/errors.ts';
import type { HttpEvent, HttpHandler, HttpResult } from './http.ts';
import { HttpProblem } from './problems.ts';

/** One transparent pixel: the smallest GIF that every reader takes. */
const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

/**
 * The answer to an image tag: always the pixel, as pages must not show that something is wrong. What there is to tell stands in a header,
 * for whoever looks why. Never kept by caches: each showing is one.
 */
const pixel = (verdict: string): HttpResult => ({
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

/** Answers image tags with the pixel, and with the verdict of `judge` on what asked for it, or with the problem that it throws. */
export const pixelHandler =
  (judge: (event: HttpEvent) => Promise<string>): HttpHandler =>
  async (event) => {
    try {
      return pixel(await judge(event));
    } catch (error) {
      if (error instanceof HttpProblem) return pixel(error.code);
      if (error instanceof StoreUnavailable) return pixel('unavailable');
      throw error;
    }
  };
