import { describe, expect, it } from 'vitest';
import { createProveEntries } from '../../../functions/prove-entries/prove-entries.ts';
import { documentProof } from '../../../shared/contracts/verification.ts';
import { type AnnexRow, rowToLine } from '../../../shared/domain/billing/annex-row.ts';
import { bodyToText, type DocumentKind, type IssuedDocument } from '../../../shared/domain/billing/document.ts';
import type { DocumentView } from '../../../shared/domain/billing/document-view.ts';
import { createMerkleTree, isIncluded } from '../../../shared/domain/verification/merkle-tree.ts';
import { sha256Hex } from '../../../shared/runtime/crypto.ts';
import { ADVERTISER_ID, AFFILIATE_ID, CAMPAIGN_ID } from '../../support/builders.ts';
import { type Caller, network } from '../../support/network.ts';

const leadId = (index: number) => `lead_${`${index}`.padStart(22, 'A')}`;
const row = (index: number, changes: Partial<AnnexRow> = {}): AnnexRow => ({
  month: '2025-11',
  entryId: `${leadId(index)}#LEAD_CONFIRMED#1`,
  leadId: leadId(index),
  transactionId: `"leadId":"${leadId(3)}"`,
  campaignId: CAMPAIGN_ID,
  event: 'lead',
  kind: 'lead',
  occurredAt: '2025-11-10T10:00:00.000Z',
  amountMinor: 2500n,
  currency: 'EUR',
  ...changes,
});
const reversal = row(2, { entryId: `${leadId(2)}#LEAD_REVERSED#2`, kind: 'reversal', amountMinor: -2500n });
const LINES = [row(1), row(2), reversal, row(3), row(4)].map(rowToLine);
const ROOT = LINES.reduce((tree, line) => {
  tree.add(line);
  return tree;
}, createMerkleTree(sha256Hex)).root();

const DOCUMENTS = {
  invoice: { number: 'INV-2025-000001', partyId: ADVERTISER_ID },
  statement: { number: 'STM-2025-000001', partyId: AFFILIATE_ID },
} as const;

/** An issued document of each kind over the lines, its annex in two parts. */
function proving(kind: DocumentKind, root: string | undefined = ROOT) {
  const texts: Readonly<Record<string, string>> = {
    body: bodyToText({
      lines: [],
      parts: [
        { digest: 'first', month: '2025-11', rows: 3 },
        { digest: 'second', month: '2025-11', rows: 2 },
      ],
      commissions: [],
    }),
    first: LINES.slice(0, 3).join(''),
    second: LINES.slice(3).join(''),
  };
  const { ask, catalog } = network();
  const annex = { rows: LINES.length, sha256: '', root };
  const { number, partyId } = DOCUMENTS[kind];
  const document = { kind, number, partyId, currency: 'EUR', bodyDigest: 'body', annex } as IssuedDocument;
  const handler = createProveEntries(
    {
      catalog,
      documents: { byNumber: async (asked) => (asked === number ? document : undefined) },
      files: { get: async (_folder, digest) => texts[digest] ?? '' },
      views: { get: async () => ({ annex: { signature: 'a.b.c' } }) as DocumentView },
      sha256: sha256Hex,
    },
    kind,
  );
  return (caller: Caller | undefined, query: Record<string, string>, asked: string = number) =>
    ask(handler, {
      ...(caller && { caller }),
      routeKey: `GET /v1/${kind}s/{number}/proof`,
      path: { number: asked },
      query,
    });
}

describe('proving the entries of a lead', () => {
  it.each([
    ['invoice', 'advertiser', 1, [0]],
    ['statement', 'affiliate', 4, [4]],
    ['invoice', 'finance', 2, [1, 2]],
    ['statement', 'operator', 3, [3]],
  ] as const)('on %s, by %s: of lead %i the rows %j and no other', async (kind, caller, lead, indexes) => {
    const { status, body } = await proving(kind)(caller, { leadId: leadId(lead) });
    expect(status).toBe(200);
    const proof = documentProof.parse(body);
    expect(proof).toMatchObject({ number: DOCUMENTS[kind].number, rows: 5, root: ROOT, signature: 'a.b.c' });
    expect(proof.entries.map(({ index }) => index)).toEqual(indexes);
    for (const { line, index, path } of proof.entries) {
      expect(`${line}\n`).toBe(LINES[index]);
      expect(isIncluded(sha256Hex, `${line}\n`, { index, size: proof.rows, path }, proof.root)).toBe(true);
    }
  });

  it.each<[string, number, Caller | undefined, Record<string, string>, string?]>([
    ['nobody', 401, undefined, { leadId: leadId(1) }],
    ['the other side', 403, 'affiliate', { leadId: leadId(1) }],
    ['another advertiser', 404, 'otherAdvertiser', { leadId: leadId(1) }],
    ['a number that is not there', 404, 'advertiser', { leadId: leadId(1) }, 'INV-2025-000002'],
    ['a number of another kind', 404, 'advertiser', { leadId: leadId(1) }, 'STM-2025-000001'],
    ['a lead that is not on it', 404, 'advertiser', { leadId: leadId(5) }],
    ['no lead', 400, 'advertiser', {}],
    ['what is no lead', 400, 'advertiser', { leadId: 'lead_1' }],
    ['more than a lead', 400, 'advertiser', { leadId: leadId(1), month: '2025-11' }],
  ])('answers %s with %i', async (_whom, status, caller, query, number) => {
    expect((await proving('invoice')(caller, query, number)).status).toBe(status);
  });

  it('never proves what the document was not issued with', async () => {
    expect((await proving('invoice', 'a'.repeat(64))('advertiser', { leadId: leadId(1) })).status).toBe(500);
  });
});
