import * as z from 'zod';
import { clickParameters } from './click.ts';
import type { Operation, OperationKey } from './openapi-operation.ts';
import { postbackParameters } from './postback.ts';

const gif = (description: string) => ({
  200: {
    description,
    headers: z.object({
      'x-verdict': z.string().meta({ description: 'What became of it, in a word', example: 'counted' }),
    }),
    content: { 'image/gif': { schema: z.string() } },
  },
});

/** What landing pages use: pixels, the script and forms. */
export const frontDoorOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /i/{image}': {
    id: 'countImpression',
    tag: 'Front doors',
    access: 'anyone',
    summary: 'Count an impression',
    description:
      'The pixel of an advertisement: `<img src="https://leads.example/i/{campaignId}.gif?affiliate_id=…&sub1=…">`. It takes the parameters of a click link and is always answered with one transparent pixel; the header `x-verdict` says `counted`, `not-counted` for crawlers, prefetches and paused campaigns, or the problem. Impressions attribute no lead; `GET /v1/reports/payouts` tells them with `include=impressions`.',
    path: z.object({
      image: z.string().meta({
        description: 'The campaign’s id, or `ext:` and its external id, with `.gif`',
        example: 'ext:shop.gif',
      }),
    }),
    query: clickParameters,
    answers: gif('The pixel.'),
  },
  'GET /px.gif': {
    id: 'firePixel',
    tag: 'Front doors',
    access: 'anyone',
    summary: 'Report a conversion by an image',
    description:
      'As `GET /postback`, with a key of the scope `pixel` in `key`: everybody who sees the page sees the key, so that one that may do more is refused, and the lead is pending until the advertiser confirms it. `ip` and `user_agent` are those of the request where they are not given. It is always answered with one transparent pixel; the header `x-verdict` says the status and the reason, or the problem, and so does the receipt.',
    query: postbackParameters.extend({ key: z.string().meta({ description: 'A key of the scope `pixel` alone' }) }),
    answers: gif('The pixel.'),
  },
};
