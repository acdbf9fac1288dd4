import { describe, expect, it } from 'vitest';
import { campaignId } from '../../shared/contracts/primitives.ts';
import { makeClickId, readClickId } from '../../shared/domain/clicks/click-id.ts';
import { makeId, makeUlid } from '../../shared/runtime/ids.ts';
import { CAMPAIGN_ID, CLICKED_AT, clickMac } from '../support/builders.ts';

describe('ids', () => {
  it('are what the contracts take', () => {
    expect(campaignId.safeParse(makeId('cmp')).success).toBe(true);
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
