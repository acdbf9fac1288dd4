import * as z from 'zod';
import { CORRECTION_KINDS, CORRECTION_STATUSES } from '../domain/corrections/correction.ts';
import { ACCOUNT_FORMS } from './ledger.ts';
import {
  advertiserReference,
  correctionId,
  currency,
  day,
  displayText,
  externalId,
  month,
  pageOf,
  pageParameters,
} from './primitives.ts';

/** The text that a party reads on its document. */
const MAX_REASON_CHARACTERS = 200;
/** How far back a correction may count. */
export const MAX_DAYS_BACK = 366;

export const correctionToPropose = z.strictObject({
  kind: z.enum(CORRECTION_KINDS, `must be one of ${CORRECTION_KINDS.join(', ')}`),
  account: z.string().meta({ description: ACCOUNT_FORMS, example: 'payable:ext:traffic-1' }),
  amount: z
    .string()
    .regex(/^-?[0-9]+(?:\.[0-9]+)?$/, 'must be a plain decimal such as 25.00')
    .meta({
      description:
        'What the advertiser then owes more, or the affiliate is owed more; negative, of an `adjustment` alone, what less. A `fee` is what the party pays, a `write_off` what the advertiser need not pay any more',
      example: '25.00',
    }),
  currency,
  reason: displayText(MAX_REASON_CHARACTERS).meta({ description: 'What the party reads of it on its document' }),
  date: day.optional().meta({
    description: `The day that it counts on, in the time zone of the network: today, if not told, and at most ${MAX_DAYS_BACK} days back`,
  }),
  externalId: externalId.optional().meta({
    description: 'Your own id: the same again is the same correction, and not another one',
    example: 'bonus-2025-11-17',
  }),
  corrects: z
    .strictObject({
      entryId: z
        .string()
        .max(256)
        .regex(/^[^#]+#[A-Z_]+#[1-9][0-9]{0,8}$/, 'must be an entryId of the ledger or of an annex')
        .meta({ example: 'lead_3q2-7wAAAAAAAAAAAAAAAA#LEAD_CONFIRMED#1' }),
      month: month.meta({ description: 'The month of the entry, as the ledger tells it' }),
      advertiserId: advertiserReference
        .optional()
        .meta({ description: 'Who is charged by the entry, where the account is that of an affiliate' }),
    })
    .optional()
    .meta({ description: 'The entry that it corrects' }),
});

export const correctionToReject = z.strictObject({ reason: displayText(MAX_REASON_CHARACTERS).optional() });

export const correctionQuery = z.strictObject({ status: z.enum(CORRECTION_STATUSES).optional(), ...pageParameters });

export const correctionView = z.object({
  correctionId,
  externalId: z.string().optional(),
  status: z.enum(CORRECTION_STATUSES),
  kind: z.enum(CORRECTION_KINDS),
  account: z.string(),
  amount: z.string(),
  currency,
  reason: z.string(),
  date: day,
  corrects: z.string().optional().meta({ description: 'Id of the entry that it corrects' }),
  proposedBy: z.string().meta({ description: 'The `kid` of a key' }),
  proposedAt: z.iso.datetime(),
  decidedBy: z.string().optional().meta({ description: 'The `kid` of another key' }),
  decidedAt: z.iso.datetime().optional(),
  decisionReason: z.string().optional(),
  entryId: z.string().optional().meta({ description: 'The entry that it made, once it is approved' }),
});

export const correctionPage = pageOf(correctionView);

export type CorrectionView = z.input<typeof correctionView>;
