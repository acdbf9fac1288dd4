import { describe, expect, it } from 'vitest';
import { createReceiptStore } from '../../../shared/adapters/dynamodb/receipts.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import type { Receipt, ReceiptOutcome } from '../../../shared/ports/receipts.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { LEAD_ID, NOW } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { interceptedClient, lostReply, outage } from '../../support/store-faults.ts';

const { documents, env } = await useEngines();
const storeOn = (client = documents) => createReceiptStore({ client, tableName: env.RECEIPTS_TABLE_NAME });
const store = storeOn();

const receipt = (outcome: ReceiptOutcome, changes: Partial<Receipt> = {}): Receipt =>
  ({
    receiptId: makeId('rcp'),
    at: NOW,
    occurredAt: NOW,
    kid: 'key_1',
    role: 'advertiser',
    outcome,
    ...(outcome === 'decided' && { status: 'pending', leadId: LEAD_ID }),
    ...changes,
  }) as Receipt;

/** What may take the place of what. */
const GIVES_WAY: Readonly<Record<ReceiptOutcome, readonly ReceiptOutcome[]>> = {
  queued: ['dead_lettered', 'refused', 'conflict', 'duplicate', 'decided'],
  dead_lettered: ['refused', 'conflict', 'duplicate', 'decided'],
  refused: ['decided'],
  conflict: ['decided'],
  duplicate: ['decided'],
  decided: ['decided'],
};
const OUTCOMES = Object.keys(GIVES_WAY) as ReceiptOutcome[];

describe('a receipt', () => {
  it.each(OUTCOMES)('that is %s is kept whole', async (outcome) => {
    const { receiptId, ...rest } = receipt(outcome, {
      advertiserId: 'adv_1',
      affiliateId: 'aff_1',
      campaignId: 'cmp_1',
      leadId: LEAD_ID,
      reason: 'not_found',
      detail: 'click_id: unknown',
      termsFrom: NOW,
      bodyHash: 'hash',
    });
    await store.put({ receiptId, ...rest } as Receipt);
    expect(await store.get(receiptId)).toEqual({ receiptId, ...rest });
  });

  it('that nobody wrote is not there', async () => {
    expect(await store.get(makeId('rcp'))).toBeUndefined();
  });

  it.each(OUTCOMES.flatMap((stored) => OUTCOMES.map((put) => [stored, put, GIVES_WAY[stored].includes(put)] as const)))(
    'that is %s, then %s: replaced %s',
    async (stored, put, replaced) => {
      const first = receipt(stored, { detail: 'first' });
      await store.put(first);
      await store.put(receipt(put, { receiptId: first.receiptId, detail: 'second' }));
      expect(await store.get(first.receiptId)).toMatchObject(
        replaced ? { outcome: put, detail: 'second' } : { outcome: stored, detail: 'first' },
      );
    },
  );

  it('whose write was answered by silence is kept once, and again is the same', async () => {
    const kept = receipt('duplicate');
    const { intercept } = lostReply(() => true);
    const lossy = storeOn(interceptedClient(documents, intercept));
    await expect(lossy.put(kept)).rejects.toThrow(StoreUnavailable);
    await lossy.put(kept);
    expect(await store.get(kept.receiptId)).toEqual(kept);
  });

  it('cannot be read or written while the store is away', async () => {
    const away = storeOn(interceptedClient(documents, outage().intercept));
    await expect(away.put(receipt('queued'))).rejects.toThrow(StoreUnavailable);
    await expect(away.get(makeId('rcp'))).rejects.toThrow(StoreUnavailable);
  });
});
