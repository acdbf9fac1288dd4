import * as z from 'zod';
import { advertiserId, affiliateId, currency, month } from './primitives.ts';

/** The `typ` of a signed document: no receipt, signed with the same keys, can be taken for one. */
export const DOCUMENT_TYPE = 'billing-document+jwt';

/** How long documents may have to be shown, and the keys that signed them stay published. */
export const DOCUMENTS_KEPT_DAYS = 3653;

const amount = z.string().meta({ description: 'A decimal at the exponent of the currency', example: '34344.00' });

/** SHA-256 as hex. */
export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 digits of lower-case hex');

/** What the network signs of a document. */
export const documentClaims = z
  .object({
    iss: z.string().meta({ description: 'The network that issued it' }),
    iat: z.int().meta({ description: 'When it was issued, in seconds since 1970' }),
    number: z.string(),
    party: z.string().meta({ description: 'Whose it is: the advertiser of an invoice, the affiliate of a statement' }),
    month,
    currency,
    net: amount,
    tax: amount,
    gross: amount,
    rows: z.int().nonnegative().meta({ description: 'How many rows its annex has' }),
    root: sha256Text.meta({ description: 'Of the tree (RFC 6962) over the rows of its annex as lines of JSON' }),
  })
  .meta({ description: 'The payload of a signed document' });

export type DocumentClaims = z.infer<typeof documentClaims>;

/** One party's month of the journal, to be checked. May come twice, and in any order. */
export const checkMessage = z.object({ party: z.union([advertiserId, affiliateId]), month });

export type CheckMessage = z.infer<typeof checkMessage>;
