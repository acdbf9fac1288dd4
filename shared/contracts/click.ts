import * as z from 'zod';
import { optionalAll, platformClickId, platformClickIdNames, subId, subIdNames } from './postback.ts';
import { affiliateReference } from './primitives.ts';

const UTM_CHARACTERS = 256;

export const utmNames = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id'] as const;

/** The name of an ad platform, or of another source that is no affiliate. */
export const source = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be 1 to 64 letters, digits, dots, dashes or underscores, such as google',
  );

/** Parameters of a click link. Unknown ones are passed over: ad platforms append theirs. */
export const clickParameters = z
  .object({
    affiliate_id: affiliateReference.optional(),
    source: source.optional(),
    ...optionalAll(subIdNames, subId),
    ...optionalAll(platformClickIdNames, platformClickId),
    ...optionalAll(utmNames, z.string().max(UTM_CHARACTERS, `must have at most ${UTM_CHARACTERS} characters`)),
  })
  .refine((parameters) => parameters.affiliate_id !== undefined || parameters.source !== undefined, {
    path: ['affiliate_id'],
    message: 'must be given, or source for an ad platform',
  });

export type ClickParameters = z.infer<typeof clickParameters>;
