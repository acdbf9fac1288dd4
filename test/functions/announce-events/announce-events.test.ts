import { describe, expect, it } from 'vitest';
import { createAnnounceEvents } from '../../../functions/announce-events/announce-events.ts';
import { partyDocumentsPk } from '../../../shared/adapters/dynamodb/billing-documents.ts';
import type { IssuedDocument } from '../../../shared/domain/billing/document.ts';
import type { Payout } from '../../../shared/domain/payouts/payout.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import type { Announcement } from '../../../shared/use-cases/announce.ts';
import { ADVERTISER_ID, AFFILIATE_ID, issuedInvoice, NOW } from '../../support/builders.ts';
import { payout } from '../../support/payouts.ts';
import { streamRecord } from '../../support/stream-records.ts';

const record = (pk: string, sk: string, after: object) => streamRecord({ pk, sk }, 1n, { after: { pk, sk, ...after } });
const documentRecord = (of: IssuedDocument) => record(partyDocumentsPk(of.partyId), of.number, of);
const payoutRecord = (of: Payout) => record(`AFF#${of.affiliateId}`, `PAYOUT#${of.currency}#${of.payoutId}`, of);

describe('the streams of documents and payouts', () => {
  it.each([
    [
      'an invoice',
      documentRecord(issuedInvoice),
      { type: 'invoice.issued', subject: 'INV-2025-000001', advertiserId: ADVERTISER_ID },
    ],
    [
      'a statement',
      documentRecord({ ...issuedInvoice, kind: 'statement', partyId: AFFILIATE_ID, typeCode: '389' }),
      { type: 'statement.issued', affiliateId: AFFILIATE_ID, data: { typeCode: '389' } },
    ],
    [
      'a payout that was sent',
      payoutRecord(payout({ state: 'sent', version: 2, sentAt: NOW })),
      { type: 'payout.sent', sequence: 2 },
    ],
    [
      'a payout that was paid',
      payoutRecord(payout({ state: 'paid', version: 3, paidAt: NOW })),
      { type: 'payout.paid', sequence: 3 },
    ],
    [
      'a payout that failed',
      payoutRecord(payout({ state: 'failed', version: 4, failedAt: NOW })),
      { type: 'payout.failed', sequence: 4 },
    ],
    ['a payout that is proposed', payoutRecord(payout()), undefined],
    ['something else of the same table', record('NUMBER#INV-2025-000001', 'NUMBER', { month: '2025-11' }), undefined],
    [
      'something that was deleted',
      streamRecord({ pk: 'PARTY#x', sk: 'y' }, 1n, { before: { pk: 'PARTY#x', sk: 'y' } }),
      undefined,
    ],
  ])('announce of %s what it is', async (_what, change, expected) => {
    const announced: Announcement[] = [];
    const announceEvents = createAnnounceEvents({
      announce: async (all) => {
        announced.push(...all);
      },
      digest: digest128,
    });
    await announceEvents({ Records: [change] });
    await announceEvents({ Records: [change, change] });
    expect(announced).toHaveLength(expected === undefined ? 0 : 3);
    if (expected !== undefined) expect(announced[0]).toMatchObject(expected);
    expect(new Set(announced.map(({ eventId }) => eventId)).size).toBeLessThanOrEqual(1);
  });
});
