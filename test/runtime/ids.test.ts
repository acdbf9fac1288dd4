import { describe, expect, it } from 'vitest';
import { campaignId, receiptId } from '../../shared/contracts/primitives.ts';
import { makeClickId, readClickId } from '../../shared/domain/clicks/click-id.ts';
import { makeId, makeIdOf, makeUlid, timeOfId } from '../../shared/runtime/ids.ts';
import { CAMPAIGN_ID, CLICKED_AT, clickMac } from '../support/builders.ts';

describe('ids', () => {
  it('are what the contracts take', () => {
    expect(campaignId.safeParse(makeId('cmp')).success).toBe(true);
  });

  it('of a seed are the same for the same, and carry their time', () => {
    const at = Date.parse(CLICKED_AT);
    const [once, again, other] = ['msg#0#1', 'msg#0#1', 'msg#0#2'].map((seed) => makeIdOf('rcp', at, seed));
    expect(again).toBe(once);
    expect(other).not.toBe(once);
    expect(receiptId.safeParse(once).success).toBe(true);
    expect(timeOfId(once!)).toBe(at);
  });

  it('of clicks rise within one millisecond, none twice', () => {
    const at = Date.parse(CLICKED_AT);
    const ulids = Array.from({ length: 10_000 }, () => makeUlid(at));
    expect(ulids.toSorted()).toEqual(ulids);
    expect(new Set(ulids).size).toBe(ulids.length);
  });

  it('of clicks carry their time', () => {
    const later = Date.now() + 86_400_000;
    const clickId = makeClickId({ ulid: makeUlid(later), campaignId: CAMPAIGN_ID }, 1, clickMac());
    expect(readClickId(clickId, clickMac())).toMatchObject({ click: { clickedAt: new Date(later).toISOString() } });
  });
});
