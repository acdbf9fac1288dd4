import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { ConversionMessage } from '../../../shared/contracts/postback.ts';
import type { Report, Told } from '../../../shared/dialects/dialect.ts';
import { makeClickId } from '../../../shared/domain/clicks/click-id.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import type { DecidedUnder, TransitionResult } from '../../../shared/domain/leads/transitions/transition.ts';
import type { Endpoint } from '../../../shared/ports/endpoints.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import type { Receipt } from '../../../shared/ports/receipts.ts';
import type { RecordOutcome } from '../../../shared/use-cases/record-conversion.ts';
import type { ToldTo } from '../../../shared/use-cases/take-told/resolve-report.ts';
import { createTakeTold, type Doable, type TakeToldDependencies } from '../../../shared/use-cases/take-told.ts';
import {
  AFFILIATE_ID,
  CAMPAIGN_ID,
  CLICK_ID,
  campaign,
  clickMac,
  later,
  lead,
  NOW,
  RECEIPT_ID,
  terms,
  transition,
} from '../../support/builders.ts';
import { endpoint } from '../../support/endpoints.ts';

const SHOP = campaign();
const OTHER_CLICK_ID = makeClickId({ ulid: ulid(), campaignId: CAMPAIGN_ID, affiliateId: AFFILIATE_ID }, 1, clickMac());

/** Takes at an endpoint where `known` is the lead that holds the transaction, and tells what was done. */
function taking({
  known,
  recorded,
  ...changes
}: { readonly known?: Lead; readonly recorded?: RecordOutcome } & Partial<TakeToldDependencies> = {}) {
  const messages: ConversionMessage[] = [];
  const receipts: Receipt[] = [];
  const erased: string[] = [];
  const moves: Lead[] = [];
  const record = async (message: ConversionMessage): Promise<RecordOutcome> => {
    messages.push(message);
    const status = message.defers === undefined ? 'confirmed' : 'pending';
    return recorded ?? { kind: 'decided', lead: lead({ status, receiptId: message.receiptId }) };
  };
  const under: DecidedUnder = { terms: terms(), affiliateTerms: undefined };
  const take = createTakeTold({
    catalog: {
      campaign: async (reference) => ([CAMPAIGN_ID, 'ext:26'].includes(reference) ? SHOP : undefined),
      affiliate: async (reference) =>
        ['ext:a7', AFFILIATE_ID].includes(reference) ? { affiliateId: AFFILIATE_ID, name: 'A' } : undefined,
      affiliateByPromoCode: async () => undefined,
    },
    touches: { byClickRef: async () => undefined, byPlatformClickId: async () => undefined },
    digest: (text) => text,
    clickSecrets: async () => ({ clickMac: clickMac(), currentClickKeyId: 1 }),
    recordConversion: record,
    takeConversion: record,
    keepReceipt: async (receipt) => void receipts.push(receipt),
    findLead: async () => known,
    transitionLead: async (current, move): Promise<TransitionResult> => {
      const result = move(current, under);
      if (result.ok) moves.push(result.lead);
      return result;
    },
    eraseContact: async ({ leadId }) => void erased.push(leadId),
    ...changes,
  });
  return {
    messages,
    receipts,
    erased,
    moves,
    take: (told: Doable, to: Partial<ToldTo> & { readonly at?: Partial<Endpoint> } = {}) =>
      take({ endpoint: endpoint(to.at), receivedAt: NOW, receiptId: RECEIPT_ID, trusted: true, ...to }, told),
  };
}

const report = (changes: Partial<Report> = {}): Report => ({
  campaign: '26',
  affiliate: 'a7',
  parameters: { transaction_id: 'order-1' },
  fields: {},
  ...changes,
});
type Status = Extract<Told, { kind: 'conversion' }>['status'];
const told = (status: Status = 'open', changes: Partial<Report> = {}): Doable => ({
  kind: 'conversion',
  id: 'order-1',
  status,
  report: report(changes),
});

describe('the campaign of a report', () => {
  it.each([
    ['the sender’s, by its external id', {}, {}, CAMPAIGN_ID],
    ['the sender’s, of the one advertiser of the endpoint', { advertiserId: SHOP.advertiserId }, {}, CAMPAIGN_ID],
    ['as it is mapped', { mapping: { campaigns: { shop: 'ext:26' } } }, { campaign: 'shop' }, CAMPAIGN_ID],
    ['the endpoint’s, whatever the sender says', { campaignId: CAMPAIGN_ID }, { campaign: 'other' }, CAMPAIGN_ID],
    ['that of our own click', {}, { campaign: undefined, click: CLICK_ID }, CAMPAIGN_ID],
    ['that of our own click, where the sender’s is not known', {}, { campaign: '99', click: CLICK_ID }, CAMPAIGN_ID],
  ])('is %s', async (_which, at, changes, expected) => {
    const { take, messages } = taking();
    await take(told('open', changes), { at: at as Partial<Endpoint> });
    expect(messages).toMatchObject([{ conversion: { campaign: expected, affiliate: AFFILIATE_ID } }]);
  });

  it.each([
    ['is named nowhere', {}, { campaign: undefined }, 'invalid', 'campaign_id'],
    ['is another advertiser’s', { advertiserId: 'adv_other' }, {}, 'unknown', 'campaign_id'],
    [
      'is another advertiser’s, though the endpoint names it',
      { advertiserId: 'adv_other', campaignId: CAMPAIGN_ID },
      {},
      'unknown',
      'campaign_id',
    ],
    ['is not known', {}, { campaign: '99' }, 'unknown', 'campaign_id'],
    ['is not that of a click of another tracker', {}, { campaign: undefined, click: 'abc' }, 'invalid', 'campaign_id'],
    [
      'is known, but its affiliate is not, and nothing else names a source',
      {},
      { affiliate: '9' },
      'unknown',
      'affiliate_id',
    ],
    ['is known, but the click can be nobody’s', {}, { click: 'a b' }, 'invalid', 'click'],
    [
      'is known, but it happened too long ago',
      {},
      { occurredAt: '2024-11-01T00:00:00.000Z' },
      'invalid',
      'occurred_at',
    ],
  ])('that %s refuses the report, and leaves a receipt', async (_why, at, changes, code, field) => {
    const { take, messages, receipts } = taking();
    expect(await take(told('open', changes), { at })).toMatchObject({
      kind: 'refused',
      code,
      errors: [{ field }],
      receiptId: RECEIPT_ID,
    });
    expect(messages).toEqual([]);
    expect(receipts).toMatchObject([{ receiptId: RECEIPT_ID, outcome: 'refused', kid: endpoint().endpointId }]);
  });
});

describe('a conversion', () => {
  it('is reported in the name of the advertiser, by the endpoint, at the time that the sender says', async () => {
    const { take, messages } = taking();
    const occurredAt = '2025-11-19T10:00:00.000Z';
    const result = await take(told('open', { occurredAt, click: CLICK_ID, affiliate: '9', source: 'meta' }));
    expect(result).toMatchObject({ kind: 'taken', status: 'confirmed', receiptId: RECEIPT_ID });
    expect(messages).toMatchObject([
      {
        occurredAt,
        receivedAt: NOW,
        party: { role: 'advertiser', kid: endpoint().endpointId, advertiserId: SHOP.advertiserId, pixelOnly: false },
        conversion: { clickId: CLICK_ID, affiliate: undefined, adPlatform: 'meta' },
      },
    ]);
  });

  it('never happened later than it was told', async () => {
    const { take, messages } = taking();
    await take(told('open', { occurredAt: '2031-01-01T00:00:00.000Z' }));
    expect(messages).toMatchObject([{ occurredAt: NOW }]);
  });

  it.each([
    ['open', undefined],
    ['pending', 'defers'],
    ['opt_in', 'opt_in'],
  ] as const)('that is %s is recorded, and who has yet to decide', async (status, defers) => {
    const { take, messages } = taking();
    await take(told(status));
    expect(messages[0]?.defers).toBe(defers);
  });

  it.each([
    [
      'open',
      { kind: 'queued', receipt: { receiptId: RECEIPT_ID, outcome: 'queued', at: NOW, occurredAt: NOW } },
      'queued',
    ],
    [
      'open',
      {
        kind: 'duplicate',
        lead: lead(),
        receipt: { receiptId: RECEIPT_ID, outcome: 'duplicate', at: NOW, occurredAt: NOW, reason: 'duplicate_email' },
      },
      'duplicate',
    ],
  ] as const)('that is %s ends as it was taken: %o', async (status, outcome, expected) => {
    const { take } = taking({ takeConversion: async () => outcome });
    expect(await take(told(status))).toMatchObject({ kind: 'taken', status: expected, receiptId: RECEIPT_ID });
  });

  it.each([
    [400, 'invalid'],
    [403, 'forbidden'],
    [404, 'unknown'],
  ] as const)('that is refused with %i is so, and leaves a receipt', async (status, code) => {
    const { take, receipts } = taking({ recorded: { kind: 'refused', status, field: 'amount', message: 'is bad' } });
    expect(await take(told())).toMatchObject({ kind: 'refused', code, errors: [{ field: 'amount' }] });
    expect(receipts).toMatchObject([{ outcome: 'refused', detail: 'amount: is bad' }]);
  });

  it('that nothing takes must come again', async () => {
    const { take } = taking({ takeConversion: async () => ({ kind: 'unavailable' }) });
    await expect(take(told())).rejects.toThrow(StoreUnavailable);
  });

  it('of a sender that proves nothing is a claim, approved or not', async () => {
    for (const status of ['open', 'approved'] as const) {
      const { take, messages, moves } = taking({ known: lead({ status: 'pending' }) });
      await take(told(status), { trusted: false });
      expect(messages).toMatchObject([{ party: { pixelOnly: true } }]);
      expect(moves).toEqual([]);
    }
  });
});

describe('the word of a sender on a conversion', () => {
  const pending = lead({ status: 'pending', reason: 'awaiting_sender' });
  const own = endpoint().endpointId;
  const rejectedBy = (actor: string) =>
    lead({
      status: 'rejected',
      history: [transition(), transition({ version: 2, action: 'rejected', status: 'rejected', actor, at: NOW })],
      version: 2,
    });
  it.each([
    ['approved', pending, 'confirmed'],
    ['approved', lead(), 'confirmed'],
    ['approved', rejectedBy(own), 'confirmed'],
    ['declined', pending, 'rejected'],
    ['declined', lead(), 'reversed'],
    ['declined', lead({ status: 'reversed' }), 'reversed'],
    ['declined', rejectedBy(own), 'rejected'],
  ] as const)('%s moves what was told before: %o', async (status, known, expected) => {
    const { take, messages } = taking({ known });
    expect(await take(told(status))).toMatchObject({ kind: 'taken', status: expected, leadId: known.leadId });
    expect(messages).toEqual([]);
  });

  it.each([
    ['approved', 'confirmed'],
    ['declined', 'rejected'],
  ] as const)(
    '%s of what was never told records it first, and lets nothing else decide between',
    async (status, expected) => {
      const { take, messages, moves } = taking();
      expect(await take(told(status))).toMatchObject({ status: expected, receiptId: RECEIPT_ID });
      expect(messages).toMatchObject([{ defers: 'defers' }]);
      expect(moves).toMatchObject([{ status: expected, history: [{}, { actor: own, reason: status }] }]);
    },
  );

  it('is told anew where what was said before was rejected as it was said', async () => {
    const { take, messages } = taking({ known: lead({ status: 'rejected', reason: 'click_not_found' }) });
    await take(told('approved'));
    expect(messages).toHaveLength(1);
  });

  it.each([
    ['approved', lead({ status: 'reversed' })],
    ['approved', rejectedBy('somebody')],
  ] as const)('%s does not undo what others decided', async (status, known) => {
    const { take } = taking({ known });
    const result = await take(told(status));
    expect([result.kind, known.status]).toEqual(
      known.status === 'reversed' ? ['refused', 'reversed'] : ['refused', 'rejected'],
    );
  });

  it.each([
    ['approved', 'rejected', { action: 'rejected', at: later(NOW, 1) }, []],
    ['approved', 'rejected', { action: 'rejected', at: later(NOW, -1) }, ['confirmed']],
    ['declined', 'confirmed', { action: 'confirmed', at: later(NOW, 1) }, []],
    ['declined', 'confirmed', { action: 'confirmed', at: later(NOW, -1) }, ['reversed']],
    ['declined', 'confirmed', { action: 'confirmed', at: later(NOW, 1), actor: 'somebody' }, ['reversed']],
    ['approved', 'pending', { action: 'reversed_in_part', at: later(NOW, 1) }, ['confirmed']],
  ] as const)(
    '%s that waited in a queue moves a lead that is %s by %o by now to %o',
    async (word, status, by, moved) => {
      const history = [transition(), transition({ version: 2, actor: own, status, ...by })];
      const { take, moves } = taking({ known: lead({ status, version: 2, history }) });
      expect((await take(told(word))).kind).toBe('taken');
      expect(moves.map((move) => move.status)).toEqual(moved);
    },
  );

  it.each([
    ['the same amount', { amount: '10.00', currency: 'EUR' }, 'taken'],
    ['no amount', {}, 'taken'],
    ['another amount', { amount: '10.01' }, 'refused'],
    ['another currency', { amount: '10.00', currency: 'USD' }, 'refused'],
  ])('with %s', async (_what, parameters, kind) => {
    const known = { ...pending, amount: { amountMinor: 1000n, currency: 'EUR' } };
    const { take, moves } = taking({ known });
    const result = await take(told('approved', { parameters: { transaction_id: 'order-1', ...parameters } }));
    expect(result.kind).toBe(kind);
    expect(moves).toHaveLength(kind === 'taken' ? 1 : 0);
  });

  it.each([
    ['that says another amount', { toldBy: own, amount: { amountMinor: 1000n, currency: 'EUR' } }, 1],
    ['that says the first amount', { toldBy: own }, 1],
    ['of another sender', { toldBy: 'ep_other', amount: { amountMinor: 1000n, currency: 'EUR' } }, 0],
    ['that says the same amount', { toldBy: own, amount: { amountMinor: 1001n, currency: 'EUR' } }, 0],
  ] as const)('%s is recorded before what waits for it is approved', async (_which, changes, recorded) => {
    const known = { ...pending, ...changes, evidence: { sender: 'defers' } as const };
    const { take, messages, moves } = taking({ known });
    const parameters = { transaction_id: 'order-1', amount: '10.01', currency: 'EUR' };
    const isOthers = changes.toldBy !== own;
    expect((await take(told('approved', { parameters }))).kind).toBe(isOthers ? 'refused' : 'taken');
    expect(messages.map(({ defers }) => defers)).toEqual(Array(recorded).fill('defers'));
    expect(moves).toHaveLength(isOthers ? 0 : 1);
  });

  it.each([
    ['approved', { click: 'another' }],
    ['declined', { click: 'another' }],
    ['declined', { click: OTHER_CLICK_ID }],
  ] as const)('%s of another click is refused as a conflict: %o', async (status, source) => {
    for (const known of [pending, lead(), rejectedBy(own), lead({ status: 'reversed' })]) {
      const { take, messages, moves } = taking({ known });
      expect(await take(told(status, source))).toMatchObject({ kind: 'refused', code: 'conflict' });
      expect([messages, moves]).toEqual([[], []]);
    }
  });

  it('declines whatever the conversion is worth by now: orders are changed before they are cancelled', async () => {
    const known = lead({ amount: { amountMinor: 1000n, currency: 'EUR' } });
    const { take, moves } = taking({ known });
    const parameters = { transaction_id: 'order-1', amount: '7.00', currency: 'EUR' };
    expect(await take(told('declined', { parameters }))).toMatchObject({ kind: 'taken', status: 'reversed' });
    expect(moves).toHaveLength(1);
  });

  it.each([
    ['approved', {}, 'confirmed'],
    ['declined', {}, 'rejected'],
    ['approved', { transactionId: 'order-2' }, 'duplicate'],
    ['approved', { event: 'sale' }, 'duplicate'],
    ['approved', { status: 'rejected', reason: 'click_not_found' }, 'duplicate'],
    ['approved', { amount: { amountMinor: 1000n, currency: 'EUR' } }, 'confirmed'],
    ['approved', { amount: { amountMinor: 1001n, currency: 'EUR' } }, 'duplicate'],
    ['declined', { amount: { amountMinor: 1001n, currency: 'EUR' } }, 'rejected'],
    ['approved', { affiliateId: 'aff_other' }, 'duplicate'],
    ['declined', { affiliateId: 'aff_other' }, 'duplicate'],
  ] as const)(
    '%s finds the lead that it repeats where the campaign tells leads apart by other values: %o',
    async (status, changes, expected) => {
      const repeated = lead({ ...pending, ...changes });
      const receipt = { receiptId: RECEIPT_ID, outcome: 'duplicate', at: NOW, occurredAt: NOW } as const;
      const { take, moves } = taking({ recorded: { kind: 'duplicate', lead: repeated, receipt } });
      const parameters = { transaction_id: pending.transactionId, amount: '10.00' };
      expect(await take(told(status, { parameters }))).toMatchObject({ status: expected, receiptId: RECEIPT_ID });
      expect(moves).toHaveLength(expected === 'duplicate' ? 0 : 1);
    },
  );

  it('is not taken for another’s lead from a sender that proves nothing, but for its own claim', async () => {
    const other = taking({ known: pending });
    expect(await other.take(told('declined'), { trusted: false })).toMatchObject({
      kind: 'refused',
      code: 'forbidden',
    });
    const claim = taking({ known: { ...pending, claimant: 'pixel', toldBy: own } });
    expect(await claim.take(told('declined'), { trusted: false })).toMatchObject({ kind: 'taken', status: 'rejected' });
  });

  it.each([
    ['a pixel', 'key_1'],
    ['an endpoint', 'ep_other'],
    ['nobody knows whom', undefined],
  ])('is not taken from a sender that proves nothing for the claim of %s', async (_whose, toldBy) => {
    const { take, moves } = taking({ known: { ...pending, claimant: 'pixel', toldBy } });
    expect(await take(told('declined'), { trusted: false })).toMatchObject({ kind: 'refused', code: 'forbidden' });
    expect(moves).toEqual([]);
  });

  it.each([
    ['declined', 'reversed'],
    ['approved', 'confirmed'],
  ] as const)('%s is on the lead that another message makes at the same moment', async (status, expected) => {
    const made = lead({ transactionId: 'order-1' });
    const found = [undefined, made];
    const receipt: Receipt = { receiptId: RECEIPT_ID, outcome: 'conflict', at: NOW, occurredAt: NOW };
    const { take } = taking({
      findLead: async () => found.shift(),
      recorded: { kind: 'conflict', lead: made, receipt },
    });
    expect(await take(told(status))).toMatchObject({ kind: 'taken', status: expected });
    expect(found).toEqual([]);
  });

  it('says duplicate where the order is another lead’s, and which cap is in the way', async () => {
    const taken = taking({
      known: pending,
      transitionLead: async () => ({ ok: false, fault: 'key_taken', heldBy: 'lead_x' }),
    });
    expect(await taken.take(told('approved'))).toMatchObject({ kind: 'taken', status: 'duplicate' });
    const full = taking({
      known: pending,
      transitionLead: async (current, move) => {
        move(current, { terms: undefined, affiliateTerms: undefined });
        return { ok: false, fault: 'cap_reached', status: 'pending', reason: 'campaign_daily_cap_reached' as never };
      },
    });
    expect(await full.take(told('approved'))).toMatchObject({ kind: 'taken', status: 'pending' });
  });
});

describe('a refund', () => {
  const parameters = { transaction_id: 'order-1', amount: '9.00' };
  const refund: Doable = {
    kind: 'return',
    id: 'r1',
    report: report({ click: CLICK_ID, parameters }),
    reason: 'refund',
  };
  const worth = (amountMinor: bigint) => lead({ amount: { amountMinor, currency: 'EUR' } });
  const claim = lead({ claimant: AFFILIATE_ID, status: 'pending', toldBy: endpoint().endpointId });

  it.each([
    ['of a lead', lead(), true, { kind: 'taken', status: 'reversed' }],
    ['of a claim that was confirmed', lead({ claimant: AFFILIATE_ID }), true, { kind: 'taken', status: 'reversed' }],
    ['of a claim of its own sender, who proves nothing', claim, false, { kind: 'taken', status: 'rejected' }],
    ['of a mere claim: the order may still be told', claim, true, { kind: 'refused', code: 'unknown' }],
    ['of an order of another click', lead({ clickId: undefined }), true, { kind: 'refused', code: 'conflict' }],
    ['of an order of another worth', worth(901n), true, { kind: 'refused', code: 'conflict' }],
    ['of an order of this worth', worth(900n), true, { kind: 'taken', status: 'reversed' }],
  ])('%s', async (_of, known, trusted, expected) => {
    const { take, moves } = taking({ known });
    expect(await take(refund, { trusted })).toMatchObject(expected);
    expect(moves).toHaveLength(expected.kind === 'taken' ? 1 : 0);
  });
});

describe('a person that asks for deletion', () => {
  const erasure: Doable = { kind: 'erasure', id: 'e1', report: report(), reason: 'gdpr' };
  it.each([
    [lead(), ['reversed']],
    [lead({ status: 'pending' }), ['rejected']],
    [lead({ status: 'rejected' }), []],
    [lead({ status: 'reversed' }), []],
  ])('is erased, and what was billed is taken back: %o', async (known, statuses) => {
    const { take, moves, erased } = taking({ known });
    expect(await take(erasure)).toMatchObject({ kind: 'taken', status: 'erased', leadId: known.leadId });
    expect(moves.map(({ status }) => status)).toEqual(statuses);
    expect(erased).toEqual([known.leadId]);
  });

  it.each(['confirmed', 'pending', 'rejected', 'reversed'] as const)(
    'is erased from an order, which stays %s',
    async (status) => {
      const { take, moves, erased } = taking({ known: lead({ status }) });
      expect(await take({ ...erasure, keepsLead: true })).toMatchObject({ kind: 'taken', status: 'erased' });
      expect([moves, erased]).toEqual([[], [lead().leadId]]);
    },
  );

  it('is not, where the sender proves nothing', async () => {
    const { take, erased } = taking({ known: lead({ claimant: 'pixel', status: 'pending' }) });
    expect(await take(erasure, { trusted: false })).toMatchObject({ kind: 'refused', code: 'forbidden' });
    expect(erased).toEqual([]);
  });

  it('is not, where the lead of that number is of another click', async () => {
    const { take, moves, erased } = taking({ known: lead() });
    expect(await take({ ...erasure, report: report({ click: OTHER_CLICK_ID }) })).toMatchObject({ code: 'conflict' });
    expect([moves, erased]).toEqual([[], []]);
  });

  it('of whom nothing is known is told so', async () => {
    expect(await taking().take(erasure)).toMatchObject({ kind: 'refused', code: 'unknown' });
  });
});
