import * as z from 'zod';
import { advertiserReference, affiliateReference, leadId, receiptId } from './primitives.ts';

/** The `typ` of a signed receipt: nothing else that is signed with the same keys can be taken for one. */
export const RECEIPT_TYPE = 'lead-receipt+jwt';
/** The `alg` of a signed receipt: EdDSA over Ed25519. */
export const RECEIPT_ALGORITHM = 'EdDSA';

/** How long receipts are kept, and their keys published: longer than any report's range. */
export const RECEIPTS_KEPT_DAYS = 400;

/** A receipt as it stands in answers: a compact JWS (RFC 7515). */
export const signedReceipt = z.string().meta({
  description:
    'Compact JWS (EdDSA) over what is told here: what was received when, with which verdict. Its keys are at `/.well-known/jwks.json`. Left out only while the keys cannot be read; `GET /v1/receipts/{receiptId}` has it then.',
  example: 'eyJhbGciOiJFZERTQSIsImtpZCI6I…',
});

const leadVerdict = z.enum(['confirmed', 'pending', 'rejected', 'reversed']);

/** What came of a message: a lead's verdict, or why it made none. */
const receiptStatus = z.enum([...leadVerdict.options, 'duplicate', 'conflict', 'refused', 'queued', 'dead_lettered']);

const instantText = z.string().meta({ example: '2025-11-22T03:24:46.123Z' });

const toldShape = {
  receiptId,
  receivedAt: instantText.meta({ description: 'When the message reached us' }),
  status: receiptStatus.meta({
    description:
      'The verdict. `duplicate`: the same was reported before, see `original`. `conflict`: the transaction was reported before with other content. `refused`: it could not be taken, see `reason`. `queued`: it is kept and will be decided. `dead_lettered`: deciding it failed for good, and a person looks into it.',
  }),
  reason: z.string().nullable().meta({
    description:
      'Why it is not plainly confirmed. Of what was refused: `invalid_request`, `forbidden`, `not_found`, `too_large`, `unsupported_media_type`; of a conflict: `transaction_conflict`',
  }),
  leadId: leadId.optional(),
  campaignId: z.string().optional(),
  termsFrom: instantText.optional().meta({ description: 'The terms that decided: `effectiveFrom` of their version' }),
  bodyHash: z.string().optional().meta({
    description:
      'First 128 bits of SHA-256, in base64url. Of campaign, event, transaction, source, amount and currency, as the lead keeps it; for what was refused or is not decided yet, of the query, a line feed and the body as they were sent',
  }),
  original: z
    .object({ receiptId, status: leadVerdict, reason: z.string().nullable() })
    .optional()
    .meta({ description: 'Of a duplicate: the verdict on the message that came first' }),
};

/** What a signed receipt says. */
export const receiptClaims = z
  .object({
    iss: z.string().meta({ description: 'The network that says so' }),
    iat: z.int().meta({ description: 'When it said so, in seconds since 1970' }),
    ...toldShape,
  })
  .meta({ description: 'The payload of a signed receipt' });

export type ReceiptClaims = z.infer<typeof receiptClaims>;
/** What is told of a message, signed or not. */
export type ToldReceipt = Omit<ReceiptClaims, 'iss' | 'iat'>;

/** What `GET /v1/receipts/{receiptId}` is asked: where to look for a message that made a lead. */
export const receiptQuery = z.strictObject({
  leadId: leadId.optional(),
  advertiserId: advertiserReference.optional(),
  affiliateId: affiliateReference.optional(),
});

/** What stands for a message now. */
export const receiptView = z.object({
  ...toldShape,
  detail: z
    .string()
    .optional()
    .meta({ description: 'Of what was refused: which parameter was bad, and what would be right' }),
  receipt: signedReceipt,
});

/** The public keys of receipts (RFC 7517). */
export const keySet = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      alg: z.literal(RECEIPT_ALGORITHM),
      use: z.literal('sig'),
      kid: z.string(),
      x: z.string(),
    }),
  ),
});

export type PublicKey = z.infer<typeof keySet>['keys'][number];
