import * as z from 'zod';
import { advertiserId, affiliateId, currency, leadId, month } from './primitives.ts';

/** The `typ` of a signed document: no receipt, signed with the same keys, can be taken for one. */
export const DOCUMENT_TYPE = 'billing-document+jwt';

/** How long documents may have to be shown, and the keys that signed them stay published. */
export const DOCUMENTS_KEPT_DAYS = 3653;

const amount = z.string().meta({ description: 'A decimal at the exponent of the currency', example: '34344.00' });

/** SHA-256 as hex. */
export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 digits of lower-case hex');

/** A signed document as it stands in answers: a compact JWS (RFC 7515). */
export const signedDocument = z.string().meta({
  description:
    'Compact JWS (EdDSA) of the network over number, party, month, totals and root of the document. Its keys are at `/.well-known/jwks.json`',
  example: 'eyJhbGciOiJFZERTQSIsImtpZCI6I…',
});

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

/** What `GET /v1/invoices/{number}/proof` takes. */
export const proofQuery = z.strictObject({ leadId });

/** Rows of one lead, and that they are in the tree that the document's root is of. */
export const documentProof = z.object({
  number: z.string(),
  leadId,
  rows: z.int().meta({ description: 'How many rows the annex has: the size of the tree' }),
  root: sha256Text,
  signature: signedDocument.optional(),
  entries: z.array(
    z.object({
      line: z
        .string()
        .meta({ description: 'The row as it stands in the annex. With a line feed at its end it is the leaf' }),
      index: z.int().meta({ description: 'Where it stands in the annex, from 0' }),
      path: z.array(sha256Text).meta({ description: 'The hashes beside its way up to the root, from below' }),
    }),
  ),
});

export type DocumentProof = z.infer<typeof documentProof>;

/** One party's month of the journal, to be checked. May come twice, and in any order. */
export const checkMessage = z.object({ party: z.union([advertiserId, affiliateId]), month });

export type CheckMessage = z.infer<typeof checkMessage>;
