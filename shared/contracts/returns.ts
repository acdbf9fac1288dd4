import * as z from 'zod';
import { displayText, duration, durationMs, MAX_DURATION_MS } from './primitives.ts';

/** As long as the reason that a decision takes. */
const reason = displayText(128);
const MAX_REASONS = 50;

/** What binds an advertiser that returns confirmed leads; what is left out is free. */
export const returnRules = z.strictObject({
  reasons: z
    .array(reason)
    .max(MAX_REASONS, `must have at most ${MAX_REASONS} reasons`)
    .optional()
    .meta({ description: 'Reasons that count, word for word; any where none are named', example: ['not_reachable'] }),
  within: duration.optional().meta({ description: 'How long after its confirmation a lead may be returned' }),
  maxShare: z
    .int()
    .min(0, 'must be a whole percentage from 0 to 100')
    .max(100, 'must be a whole percentage from 0 to 100')
    .optional()
    .meta({ description: 'How many percent of the leads confirmed of one month may be returned', example: 10 }),
});

/** How long a rejection can be taken back; `P0D`: never. */
export const undoWindow = z
  .string()
  .refine((text) => {
    const milliseconds = durationMs(text);
    return milliseconds !== undefined && milliseconds <= MAX_DURATION_MS;
  }, 'must be an ISO 8601 duration such as P7D or PT12H, at most P366D; P0D where no rejection may be undone')
  .meta({ description: 'How long after it a rejection may be undone; P0D: never', example: 'P7D' });

/** What holds where a campaign is made without saying anything else. */
export const DEFAULT_UNDO_WINDOW = 'P7D';
