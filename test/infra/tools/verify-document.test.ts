import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JSONWebKeySet } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { createGetDocument } from '../../../functions/manage-billing/get-document.ts';
import { createProveEntries } from '../../../functions/prove-entries/prove-entries.ts';
import { freshReceiptKeys } from '../../../infra/tools/key-rotation.ts';
import { type Verdict, verdictOnDocument, verdictOnProof } from '../../../infra/tools/verify-document.ts';
import { createReceiptKeys } from '../../../shared/adapters/ssm/receipt-keys.ts';
import type { DocumentKind } from '../../../shared/domain/billing/document.ts';
import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import { sha256Hex } from '../../../shared/runtime/crypto.ts';
import { createSignDocument } from '../../../shared/use-cases/sign-document.ts';
import { createBillingWorld } from '../../support/billing.ts';
import { ADVERTISER_ID, AFFILIATE_ID, lead, transition } from '../../support/builders.ts';
import { network } from '../../support/network.ts';

const leadId = (index: number) => `lead_${`${index}`.padStart(22, 'A')}`;

async function keysOf() {
  const value = await freshReceiptKeys('2025-11-22T00:00:00.000Z');
  const keys = createReceiptKeys({
    prefix: '/test/',
    callSsm: async () => ({ Parameters: [{ Name: '/test/receipt-keys', Value: value }] }),
  });
  return { keys, keySet: { keys: (await keys()).publicKeys } as JSONWebKeySet };
}
const { keys, keySet } = await keysOf();
const others = (await keysOf()).keySet;

/** What a party is handed out of a month that is closed: document, entries and a proof, as texts. */
async function handedOut(kind: DocumentKind) {
  const world = createBillingWorld({
    advertiserIds: [ADVERTISER_ID],
    signDocument: createSignDocument({ keys, network: 'leads.example' }),
  });
  const reversed = [transition(), transition({ version: 2, action: 'reversed', status: 'reversed' })];
  const leads = [
    lead({ leadId: leadId(1) }),
    lead({ leadId: leadId(2), status: 'reversed', version: 2, history: reversed }),
    lead({ leadId: leadId(3), chargeMinor: 1999n, commissionMinor: 1001n }),
  ];
  for (const each of leads) for (const entry of entriesOf(each, 'UTC')) world.post(entry);
  world.queue.push({ kind: 'close', month: '2025-11' });
  await world.drain();
  const { ask, catalog } = network();
  const dependencies = { ...world, catalog, sha256: sha256Hex };
  const number = kind === 'invoice' ? 'INV-2026-000001' : 'STM-2026-000001';
  const caller = kind === 'invoice' ? 'advertiser' : 'affiliate';
  const get = async (form: string) =>
    (
      await ask(createGetDocument(dependencies, kind), {
        caller,
        routeKey: `GET /v1/${kind}s/{number}`,
        path: { number: number + form },
      })
    ).text;
  const proof = await ask(createProveEntries(dependencies, kind), {
    caller,
    routeKey: `GET /v1/${kind}s/{number}/proof`,
    path: { number },
    query: { leadId: leadId(2) },
  });
  return { document: await get('.json'), entries: await get('.ndjson'), proof: proof.text };
}
const invoice = await handedOut('invoice');
const statement = await handedOut('statement');

async function* linesOf(text: string) {
  yield* text.split('\n').slice(0, -1);
}
const faultOf = (verdict: Verdict): string => (verdict.valid ? 'none' : verdict.fault);
const replaced = (text: string, from: string | RegExp, to: string): string => {
  const altered = text.replace(from, to);
  expect(altered).not.toBe(text);
  return altered;
};

describe('verifying what a party was handed out', () => {
  it.each([
    ['invoice', invoice, ADVERTISER_ID, '44.99 EUR'],
    ['statement', statement, AFFILIATE_ID, '28.01 EUR'],
  ])('accepts a genuine %s, with its entries apart or within', async (_kind, { document, entries }, party, gross) => {
    const verdict = await verdictOnDocument(document, linesOf(entries), keySet);
    expect(verdict).toEqual({ valid: true, words: expect.stringContaining(`Party      ${party}`) });
    expect(verdict).toEqual({ valid: true, words: expect.stringContaining(`Gross      ${gross}`) });
    expect(await verdictOnDocument(document, undefined, keySet)).toEqual(verdict);
  });

  it.each<[string, (given: typeof invoice) => [document: string, entries: string | undefined], RegExp]>([
    [
      'a cent of an entry',
      ({ document, entries }) => [document, replaced(entries, '"19.99"', '"20.00"')],
      /^entry \d \(lead_A+3#LEAD_CONFIRMED#1\): /,
    ],
    [
      'a lead left out',
      ({ document, entries }) => [document, entries.slice(entries.indexOf('\n') + 1)],
      /^entry 1 \(.*the document has lead_/,
    ],
    [
      'the last lead left out',
      ({ document, entries }) => [document, `${entries.split('\n').slice(0, -2).join('\n')}\n`],
      /^entry 4 \(.* of the document is missing$/,
    ],
    [
      'a lead in the place of another',
      ({ document, entries }) => [document, entries.replaceAll(leadId(3), leadId(4))],
      /^entry \d \(lead_A+4#LEAD_CONFIRMED#1\): the document has lead_A+3#/,
    ],
    [
      'a cent of a line',
      ({ document }) => [replaced(document, '"amount":"50.00"', '"amount":"50.01"'), undefined],
      /^line 2: the document has 2 x 25.00 = 50.01 EUR/,
    ],
    [
      'a cent of the gross',
      ({ document }) => [replaced(document, '"gross":"44.99"', '"gross":"45.00"'), undefined],
      /^gross: the document has 45.00 EUR/,
    ],
    [
      'the root',
      ({ document }) => [replaced(document, /"root":"[0-9a-f]{8}/, '"root":"00000000'), undefined],
      /^the root: the document has 00000000/,
    ],
    [
      'the number',
      ({ document }) => [replaced(document, '"number":"INV-2026-000001"', '"number":"INV-2026-000002"'), undefined],
      /^the signature is over the number INV-2026-000001, the document has INV-2026-000002/,
    ],
    [
      'the party',
      ({ document }) => [replaced(document, ADVERTISER_ID, AFFILIATE_ID.replace('aff', 'adv')), undefined],
      /^the signature is over the party/,
    ],
    [
      'the signature',
      ({ document }) => [replaced(document, /"signature":"e/, '"signature":"f'), undefined],
      /^the signature: /,
    ],
  ])('names what was altered: %s', async (_what, alter, fault) => {
    const [document, entries] = alter(invoice);
    expect(
      faultOf(await verdictOnDocument(document, entries === undefined ? undefined : linesOf(entries), keySet)),
    ).toMatch(fault);
  });

  it('names the line, where the document does not bring its entries along', async () => {
    const { annexRows: _rows, ...document } = JSON.parse(invoice.document);
    const entries = replaced(invoice.entries, '"19.99"', '"20.00"');
    const verdict = await verdictOnDocument(JSON.stringify(document), linesOf(entries), keySet);
    expect(faultOf(verdict)).toMatch(/^entry \d \(lead_A+3#.*no line of the document has a lead at 20.00 EUR$/);
    await expect(verdictOnDocument(JSON.stringify(document), undefined, keySet)).rejects.toThrow('--entries');
  });

  it('does not take what another network signed', async () => {
    expect(faultOf(await verdictOnDocument(invoice.document, undefined, others))).toBe(
      'the signature: none of the keys has signed it',
    );
    expect(faultOf(await verdictOnProof(invoice.proof, others))).toBe('the signature: none of the keys has signed it');
  });

  it('says of what is no document what it lacks', async () => {
    const { annex: _annex, ...document } = JSON.parse(invoice.document);
    await expect(verdictOnDocument(JSON.stringify(document), undefined, keySet)).rejects.toThrow('at annex');
    await expect(verdictOnDocument('{}', undefined, keySet)).rejects.toThrow('no document that can be verified');
  });
});

describe('verifying the proof of a lead', () => {
  it.each([
    ['invoice', invoice, '-25.00'],
    ['statement', statement, '-18.00'],
  ])('accepts a genuine one of %s, and shows the rows', async (_kind, { proof }, amount) => {
    const verdict = await verdictOnProof(proof, keySet);
    expect(verdict).toEqual({ valid: true, words: expect.stringContaining(`"amount":"${amount}"`) });
  });

  it.each<[string, (proof: string) => string, RegExp]>([
    [
      'a cent',
      (proof) => replaced(proof, '\\"amount\\":\\"25.00\\"', '\\"amount\\":\\"25.01\\"'),
      /^entry \d \(lead_A+2#.* is not in the tree of the root$/,
    ],
    [
      'the lead',
      (proof) => replaced(proof, `"leadId":"${leadId(2)}"`, `"leadId":"${leadId(3)}"`),
      /is no row of lead_A+3$/,
    ],
    ['its place', (proof) => replaced(proof, /"index":\d/, '"index":3'), /is not in the tree of the root$/],
    [
      'a hash of its way',
      (proof) => replaced(proof, /"path":\["[0-9a-f]{8}/, '"path":["00000000'),
      /is not in the tree of the root$/,
    ],
    [
      'the root',
      (proof) => replaced(proof, /"root":"[0-9a-f]{8}/, '"root":"00000000'),
      /^the signature is over the root/,
    ],
    [
      'the document',
      (proof) => replaced(proof, '"number":"INV-2026-000001"', '"number":"INV-2026-000002"'),
      /^the signature is over INV-2026-000001/,
    ],
    ['its rows', (proof) => JSON.stringify({ ...JSON.parse(proof), entries: [] }), /^the proof has no entry$/],
    ['its signature', (proof) => JSON.stringify({ ...JSON.parse(proof), signature: undefined }), /^the signature: /],
  ])('names what was altered: %s', async (_what, alter, fault) => {
    expect(faultOf(await verdictOnProof(alter(invoice.proof), keySet))).toMatch(fault);
  });
});

describe('npm run verify', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadledger-verify-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [
      join(import.meta.dirname, '../../../infra/tools/verify-document.ts'),
      ...args,
    ]).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout, stderr }) => ({ code, stdout: stdout + stderr }),
    );

  it('says by its exit code whether a document holds', async () => {
    const jwks = ['--jwks', file('jwks.json', JSON.stringify(keySet))];
    const document = ['--document', file('invoice.json', invoice.document)];
    const [valid, invalid] = await Promise.all([
      run(...document, '--entries', file('entries.ndjson', invoice.entries), ...jwks),
      run('--proof', file('proof.json', invoice.proof.replace('25.00', '25.01')), ...jwks),
    ]);
    expect(valid).toEqual({ code: 0, stdout: expect.stringContaining('VALID\nSigned by  leads.example') });
    expect(invalid).toEqual({ code: 1, stdout: expect.stringMatching(/^NOT VALID: entry \d \(lead_/) });
  });
});
