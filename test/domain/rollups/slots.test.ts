import { describe, expect, it } from 'vitest';
import { clickContribution, touchContribution } from '../../../shared/domain/rollups/contribution.ts';
import { rollupKeysOf, type SlotGroup, slotRequests } from '../../../shared/domain/rollups/slots.ts';
import { ADVERTISER_ID, AFFILIATE_ID, campaign, touch } from '../../support/builders.ts';

const click = (changes: Parameters<typeof touch>[0] = {}) => clickContribution(touch(changes), campaign(), 'UTC');

const onlyIn =
  (kind: SlotGroup['kind'] | 'none') =>
  ({ kind: asked }: SlotGroup): boolean =>
    asked === kind;

describe('the slots that contributions need', () => {
  it('are asked for once a value, under the affiliate’s day', () => {
    expect(slotRequests([click(), click(), click({ subIds: { sub1: 'b' } })])).toEqual([
      { group: { ownerId: AFFILIATE_ID, day: '2025-11-10', kind: 'sources' }, values: ['newsletter'] },
      {
        group: { ownerId: AFFILIATE_ID, day: '2025-11-10', kind: 'pairs' },
        values: ['["newsletter","a"]', '["newsletter","b"]'],
      },
    ]);
  });

  it('are the advertiser’s where there is no affiliate', () => {
    const [request] = slotRequests([click({ affiliateId: undefined, subIds: {} })]);
    expect(request?.group.ownerId).toBe(ADVERTISER_ID);
  });

  it('are none where there is neither source nor sub1', () => {
    expect(slotRequests([click({ source: undefined, subIds: {} })])).toEqual([]);
  });
});

describe('the slots of impressions', () => {
  const { clickedAt, ...seen } = touch();
  const impression = touchContribution({ ...seen, shownAt: clickedAt }, campaign(), 'UTC');

  it('are their own, as they outnumber clicks: no click is told less of for them', () => {
    expect(slotRequests([impression]).map(({ group }) => group.kind)).toEqual(['shown_sources', 'shown_pairs']);
    const [, fine] = rollupKeysOf(impression, onlyIn('shown_pairs'));
    expect(fine).toMatchObject({ source: 'other', sub1: 'a' });
    expect(rollupKeysOf(click(), onlyIn('shown_pairs'))[1]).toMatchObject({ source: 'other', sub1: 'other' });
  });

  it('lead to the items of clicks with the same values', () => {
    expect(rollupKeysOf(impression, () => true)).toEqual(rollupKeysOf(click(), () => true));
  });
});

describe('the items that a contribution is added to', () => {
  it('are the advertiser’s and the affiliate’s, coarse and fine', () => {
    expect(rollupKeysOf(click(), () => true).map(({ scope, ownerId }) => [scope, ownerId])).toEqual([
      ['adv', ADVERTISER_ID],
      ['advsub', ADVERTISER_ID],
      ['aff', AFFILIATE_ID],
      ['affsub', AFFILIATE_ID],
    ]);
  });

  it('are the advertiser’s alone without an affiliate', () => {
    const keys = rollupKeysOf(click({ affiliateId: undefined }), () => true);
    expect(keys.map(({ scope }) => scope)).toEqual(['adv', 'advsub']);
  });

  it.each([
    ['none', 'other', 'other'],
    ['sources', 'newsletter', 'other'],
    ['pairs', 'other', 'a'],
  ] as const)('with a slot in %s alone tell source %s and sub1 %s', (kind, source, sub1) => {
    const fine = rollupKeysOf(click(), onlyIn(kind)).filter(({ scope }) => scope.endsWith('sub'));
    expect(fine).toHaveLength(2);
    for (const key of fine) expect(key).toMatchObject({ source, sub1 });
  });

  it('leave open what the click left open', () => {
    const [, fine] = rollupKeysOf(click({ source: undefined, subIds: {} }), () => false);
    expect(fine).toMatchObject({ source: undefined, sub1: undefined });
  });
});
