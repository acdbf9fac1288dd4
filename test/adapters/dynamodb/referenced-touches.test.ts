import { describe, expect, it } from 'vitest';
import { createTouchReader, createTouchWriter } from '../../../shared/adapters/dynamodb/touches.ts';
import {
  CAMPAIGN_ID,
  CLICKED_AT,
  later,
  NOW,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
  touch,
} from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const engines = await useEngines();
const table = { client: engines.documents, tableName: engines.env.TOUCHES_TABLE_NAME };
const touches = { ...createTouchWriter(table), ...createTouchReader(table) };

const { clickId: _clickId, ...click } = touch();
const stored = { ...click, utm: {}, expiresAtSeconds: Date.parse(later(NOW, 90 * 86_400_000)) / 1000 };

describe('a touch under a foreign reference', () => {
  it('is stored once', async () => {
    expect(await touches.putReferenced('once', stored)).toBe('stored');
    expect(await touches.putReferenced('once', stored)).toBe('already_stored');
    expect(await touches.byClickRef(CAMPAIGN_ID, 'once')).toEqual({ clickId: `ref#${CAMPAIGN_ID}#once`, ...click });
  });

  it('is the same click when it is imported again later, to be kept longer', async () => {
    await touches.putReferenced('longer', stored);
    const again = { ...stored, expiresAtSeconds: stored.expiresAtSeconds + 1 };
    expect(await touches.putReferenced('longer', again)).toBe('already_stored');
  });

  it.each([
    ['time', { clickedAt: later(CLICKED_AT, 1) }],
    ['affiliate', { affiliateId: OTHER_AFFILIATE_ID }],
    ['source', { source: undefined }],
    ['sub-id', { subIds: { sub1: 'b' } }],
  ])('is in the way of a click with another %s, and stays as it is', async (what, changes) => {
    await touches.putReferenced(what, stored);
    expect(await touches.putReferenced(what, { ...stored, ...changes })).toBe('conflict');
    expect(await touches.byClickRef(CAMPAIGN_ID, what)).toMatchObject(click);
  });

  it('is another click in another campaign', async () => {
    await touches.putReferenced('both', stored);
    expect(await touches.putReferenced('both', { ...stored, campaignId: OTHER_CAMPAIGN_ID })).toBe('stored');
    expect(await touches.byClickRef(CAMPAIGN_ID, 'unheard-of')).toBeUndefined();
  });
});
