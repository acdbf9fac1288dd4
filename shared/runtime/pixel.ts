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

/** How much of what is wrong the header names: whoever looks why mends the first of them first. */
const MAX_FIELDS = 5;
const MAX_FIELD_CHARACTERS = 64;

/** A problem in a header: its code, and the fields that are wrong, whose names may be anything that was sent. */
function verdictOf({ code, errors }: HttpProblem): string {
  const fields = errors
    .slice(0, MAX_FIELDS)
    .map(({ field }) => field.replace(/[^\w.-]/g, '_').slice(0, MAX_FIELD_CHARACTERS));
  return fields.length === 0 ? code : `${code}; ${fields.join(', ')}`;
}

/** Answers image tags with the pixel, and with the verdict of `judge` on what asked for it, or with the problem that it throws. */
export const pixelHandler =
  (judge: (event: HttpEvent) => Promise<string>): HttpHandler =>
  async (event) => {
    try {
      return pixel(await judge(event));
    } catch (error) {
      if (error instanceof HttpProblem) return pixel(verdictOf(error));
      if (error instanceof StoreUnavailable) return pixel('unavailable');
      throw error;
    }
  };
