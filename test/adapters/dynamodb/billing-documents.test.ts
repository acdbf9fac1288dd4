import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDocumentIssuer, createDocumentReader } from '../../../shared/adapters/dynamodb/billing-documents.ts';
import type { DocumentDraft } from '../../../shared/domain/billing/document.ts';
import { type IssueClaims, type Manifest, ManifestConflict } from '../../../shared/ports/billing.ts';
import { useEngines } from '../../support/engines.ts';

const engines = await useEngines();
const NOW = '2026-06-01T10:00:00.000Z';
const NO_CLAIMS: IssueClaims = { manifests: [], takenBack: [] };
const taking = (...manifests: Manifest[]): IssueClaims => ({ manifests, takenBack: [] });

const draft = (changes: Partial<DocumentDraft> = {}): DocumentDraft => ({
  kind: 'invoice',
  month: '2026-05',
  partyId: 'adv_a',
  currency: 'EUR',
  partyName: 'Shop',
  netMinor: 12_345_678_901_234_567n,
  taxMinor: 0n,
  lineCount: 1,
  annex: { rows: 1, sha256: 'aa' },
  bodyDigest: 'bb',
  ...changes,
});

async function freshStore(timeZone = 'UTC') {
  const { documents: client, env } = await useEngines({ applyEnv: false });
  const table = { client, tableName: env.BILLING_TABLE_NAME };
  return { ...table, issuer: createDocumentIssuer({ ...table, timeZone }), reader: createDocumentReader(table) };
}

describe('issuing documents', () => {
  it('numbers 20 at once without a gap, none twice, in the order of their dates', async () => {
    const { issuer } = await freshStore();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        issuer.issue(
          draft({ partyId: `adv_${index}` }),
          NO_CLAIMS,
          `2026-06-01T10:00:${`${index}`.padStart(2, '0')}.000Z`,
        ),
      ),
    );
    const documents = results.map((result) => result.document).sort((a, b) => (a.number < b.number ? -1 : 1));
    expect(documents.map((document) => document.number)).toEqual(
      Array.from({ length: 20 }, (_, index) => `INV-2026-${`${index + 1}`.padStart(6, '0')}`),
    );
    expect(documents.map((document) => document.issuedAt)).toEqual(
      documents.map((document) => document.issuedAt).sort(),
    );
  });

  it('issues one document for one identity, however many ask at once, and spends one number', async () => {
    const { issuer, reader } = await freshStore();
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => issuer.issue(draft({ bodyDigest: `body ${index}` }), NO_CLAIMS, NOW)),
    );
    expect(results.filter((result) => result.issued)).toHaveLength(1);
    expect(new Set(results.map((result) => result.document.bodyDigest)).size).toBe(1);
    const next = await issuer.issue(draft({ partyId: 'adv_b' }), NO_CLAIMS, NOW);
    expect(next.document.number).toBe('INV-2026-000002');
    expect(await reader.byNumber('INV-2026-000001')).toEqual(results[0]?.document);
  });

  it('keeps four series, each anew with every year of the network', async () => {
    const { issuer } = await freshStore('Europe/Berlin');
    const number = async (changes: Partial<DocumentDraft>, now = NOW) =>
      (await issuer.issue(draft(changes), NO_CLAIMS, now)).document.number;
    expect(await number({})).toBe('INV-2026-000001');
    expect(await number({ currency: 'USD', netMinor: -1n })).toBe('CRN-2026-000001');
    expect(await number({ kind: 'statement', partyId: 'aff_a' })).toBe('STM-2026-000001');
    expect(await number({ kind: 'statement', partyId: 'aff_b', netMinor: -1n })).toBe('SCN-2026-000001');
    expect(await number({ month: '2026-12' }, '2026-12-31T23:30:00.000Z')).toBe('INV-2027-000001');
  });

  it('refuses entries that another document took meanwhile, and writes nothing then', async () => {
    const { issuer, reader, client, tableName } = await freshStore();
    const manifest = { month: '2026-04', currency: 'EUR', sequence: 1, bodyDigest: 'bb' };
    await issuer.issue(draft(), taking(manifest), NOW);
    await expect(issuer.issue(draft({ month: '2026-06' }), taking(manifest), NOW)).rejects.toThrow(ManifestConflict);
    expect((await reader.list({ kind: 'invoice', month: '2026-06' }, 10)).documents).toEqual([]);
    const series = await client.send(
      new GetCommand({ TableName: tableName, Key: { pk: 'SERIES#INV-2026', sk: 'SERIES' } }),
    );
    expect(series.Item?.['last']).toBe(1);
    await issuer.issue(draft({ month: '2026-06' }), taking({ ...manifest, sequence: 2 }), NOW);
    expect(await issuer.manifests('adv_a', '2026-04')).toEqual([manifest, { ...manifest, sequence: 2 }]);
  });

  it('keeps an issued document as it is, money beyond 2^53 included', async () => {
    const { issuer, reader, client, tableName } = await freshStore();
    const { document } = await issuer.issue(draft(), NO_CLAIMS, NOW);
    await issuer.issue(draft({ netMinor: 1n, partyName: 'Renamed' }), NO_CLAIMS, '2027-01-01T00:00:00.000Z');
    expect(await reader.byNumber(document.number)).toEqual({ ...draft(), number: 'INV-2026-000001', issuedAt: NOW });
    expect(await issuer.issuedTo('invoice', '2026-05', 'adv_a')).toEqual([document]);
    const items = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': 'DOCUMENTS#invoice#2026-05' },
      }),
    );
    expect(items.Items).toHaveLength(1);
  });

  it('knows no number that was not issued', async () => {
    const { reader } = await freshStore();
    expect(await reader.byNumber('INV-2026-000001')).toBeUndefined();
  });
});

describe('listing documents', () => {
  const table = { client: engines.documents, tableName: engines.env.BILLING_TABLE_NAME };

  it('goes page by page, of one party or all, kinds and months apart', async () => {
    const issuer = createDocumentIssuer({ ...table, timeZone: 'UTC' });
    const reader = createDocumentReader(table);
    for (const partyId of ['adv_a', 'adv_b']) {
      for (const currency of ['EUR', 'USD']) await issuer.issue(draft({ partyId, currency }), NO_CLAIMS, NOW);
    }
    await issuer.issue(draft({ month: '2026-04' }), NO_CLAIMS, NOW);
    await issuer.issue(draft({ kind: 'statement' }), NO_CLAIMS, NOW);
    const listing = { kind: 'invoice', month: '2026-05' } as const;
    const names = (documents: readonly DocumentDraft[]) => documents.map((each) => `${each.partyId} ${each.currency}`);
    const first = await reader.list(listing, 3);
    const second = await reader.list(listing, 3, first.position);
    expect(names([...first.documents, ...second.documents])).toEqual([
      'adv_a EUR',
      'adv_a USD',
      'adv_b EUR',
      'adv_b USD',
    ]);
    expect(second.position).toBeUndefined();
    expect(names((await reader.list({ ...listing, partyId: 'adv_b' }, 10)).documents)).toEqual([
      'adv_b EUR',
      'adv_b USD',
    ]);
    expect((await reader.list({ ...listing, partyId: 'adv' }, 10)).documents).toEqual([]);
  });
});
