import { DOCUMENT_TYPE, type DocumentClaims } from '../contracts/verification.ts';
import { grossOf, type IssuedDocument } from '../domain/billing/document.ts';
import { formatAmount } from '../domain/money/money.ts';
import { millisecondsOf } from '../domain/time/calendar.ts';
import type { ReceiptKeys } from '../ports/crypto.ts';

/** A document as far as it is signed; `root` is that of the tree over its annex. */
export interface SignedFacts
  extends Pick<
    IssuedDocument,
    'number' | 'partyId' | 'month' | 'currency' | 'netMinor' | 'taxMinor' | 'issuedAt' | 'kind'
  > {
  readonly annex: { readonly rows: number; readonly root: string };
}

export type SignDocument = (document: SignedFacts) => Promise<string>;

/**
 * Signs a document as of its issue, in the name of the network: a compact JWS. The same key says the same of the same document, byte for
 * byte. Throws StoreUnavailable while no keys can be read.
 */
export const createSignDocument =
  ({ keys, network }: { readonly keys: () => Promise<ReceiptKeys>; readonly network: string }): SignDocument =>
  async (document) => {
    const { number, partyId, month, currency, netMinor, taxMinor, annex, issuedAt } = document;
    const claims: DocumentClaims = {
      iss: network,
      iat: Math.floor(millisecondsOf(issuedAt) / 1000),
      number,
      party: partyId,
      month,
      currency,
      net: formatAmount(netMinor, currency),
      tax: formatAmount(taxMinor, currency),
      gross: formatAmount(grossOf(document), currency),
      rows: annex.rows,
      root: annex.root,
    };
    return (await keys()).sign(DOCUMENT_TYPE, claims);
  };
