import { bodyFromText, type DocumentIdentity, type IssueTerms } from '../../domain/billing/document.ts';
import { type LineSum, type Original, originalKey, takenBackWithin } from '../../domain/billing/lines.ts';
import type { ChargedTax } from '../../domain/tax/tax-of.ts';
import type { DocumentIssuer } from '../../ports/billing.ts';
import type { DocumentFiles } from '../../ports/documents.ts';

/** A document of which something is taken back, with what later documents took back of it, and how often they did. */
export interface LoadedOriginal extends Original {
  readonly version: number;
  readonly takenBackLater: ReadonlyMap<number, bigint>;
  /** What each line was charged with; none where no tax was computed. */
  readonly charged: readonly (ChargedTax | undefined)[];
}

/** Documents that one other takes something back of, at the most: each is an item of its issuing transaction. What is beyond has today's price. */
const MAX_ORIGINALS = 20;

/** The documents that hold the leads which these sums take back, by `originalKey`. */
export async function loadOriginals(
  { issuer, files }: { readonly issuer: Pick<DocumentIssuer, 'issuedTo' | 'takenBack'>; readonly files: DocumentFiles },
  { kind, month, partyId }: Pick<DocumentIdentity, 'kind' | 'month' | 'partyId'>,
  sums: readonly LineSum[],
): Promise<Map<string, LoadedOriginal>> {
  const originals = new Map<string, LoadedOriginal>();
  for (const { closedIn, currency } of sums) {
    if (closedIn === undefined || closedIn === month || originals.size === MAX_ORIGINALS) continue;
    const key = originalKey(closedIn, currency);
    if (originals.has(key)) continue;
    const issued = await issuer.issuedTo(kind, closedIn, partyId);
    const document = issued.find((each) => (each.sources ?? [each.currency]).includes(currency));
    if (document === undefined) continue;
    const { lines, terms } = bodyFromText(await files.get('bodies', document.bodyDigest), document.currency);
    const { version, lines: later } = await issuer.takenBack(document.number);
    originals.set(key, {
      number: document.number,
      currency: document.currency,
      lines,
      rates: terms?.rates ?? [],
      takenBack: sumByLine(takenBackWithin(lines), later),
      takenBackLater: later,
      version,
      charged: chargedBy(terms),
    });
  }
  return originals;
}

const chargedBy = (terms: IssueTerms | undefined): (ChargedTax | undefined)[] =>
  (terms?.lineTaxes ?? []).map(({ vatCategory, vatRate }) =>
    terms?.taxes.find(({ category, rate }) => category === vatCategory && rate === vatRate),
  );

function sumByLine(left: ReadonlyMap<number, bigint>, right: ReadonlyMap<number, bigint>): Map<number, bigint> {
  const sums = new Map(left);
  for (const [line, micros] of right) sums.set(line, (sums.get(line) ?? 0n) + micros);
  return sums;
}
