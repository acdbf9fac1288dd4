import { describe, expect, it } from 'vitest';
import {
  clickContribution,
  leadContribution,
  leadDelta,
  touchContribution,
} from '../../../shared/domain/rollups/contribution.ts';
import { figures } from '../../../shared/domain/rollups/figures.ts';
import { ADVERTISER_ID, AFFILIATE_ID, campaign, lead, OTHER_AFFILIATE_ID, touch } from '../../support/builders.ts';

const MONEY = { chargeMinor: 2500n, commissionMinor: 1800n };

describe('what a lead contributes', () => {
  it.each([
    ['confirmed', { leads: 1n, confirmed: 1n, ...MONEY }],
    ['pending', { leads: 1n, pending: 1n }],
    ['rejected', { leads: 1n, rejected: 1n }],
    ['reversed', { leads: 1n, reversed: 1n }],
  ] as const)('%s: money only where it counts', (status, expected) => {
    expect(leadContribution(lead({ status }), 'UTC').figures).toEqual(figures(expected));
  });

  it.each([
    ['UTC', '2025-10-31'],
    ['Europe/Berlin', '2025-11-01'],
  ])('counts on the day of the conversion in %s', (timeZone, day) => {
    const occurredAt = '2025-10-31T23:30:00.000Z';
    expect(leadContribution(lead({ occurredAt }), timeZone).day).toBe(day);
  });
});

describe('what a click contributes', () => {
  it('is one click on its day, for its campaign’s advertiser', () => {
    expect(clickContribution(touch(), campaign(), 'UTC')).toEqual({
      advertiserId: ADVERTISER_ID,
      campaignId: touch().campaignId,
      affiliateId: AFFILIATE_ID,
      currency: 'EUR',
      day: '2025-11-10',
      source: 'newsletter',
      sub1: 'a',
      figures: figures({ clicks: 1n }),
    });
  });
});

describe('what an impression contributes', () => {
  it('is one impression under the dimensions of a click', () => {
    const { clickedAt, ...rest } = touch();
    expect(touchContribution({ ...rest, shownAt: clickedAt }, campaign(), 'UTC')).toEqual({
      ...clickContribution(touch(), campaign(), 'UTC'),
      figures: figures({ impressions: 1n }),
    });
    expect(touchContribution(touch(), campaign(), 'UTC')).toEqual(clickContribution(touch(), campaign(), 'UTC'));
  });
});

describe('what a change of a lead contributes', () => {
  const deltaFigures = (...[before, after]: Parameters<typeof leadDelta>) =>
    leadDelta(before, after, 'UTC').map((contribution) => contribution.figures);

  it('a new lead: all of it', () => {
    expect(deltaFigures(undefined, lead(), 'UTC')).toEqual([figures({ leads: 1n, confirmed: 1n, ...MONEY })]);
  });

  it('a confirmation: from pending to confirmed, with its money', () => {
    expect(deltaFigures(lead({ status: 'pending' }), lead(), 'UTC')).toEqual([
      figures({ pending: -1n, confirmed: 1n, ...MONEY }),
    ]);
  });

  it('a reversal: takes the count and the money back', () => {
    expect(deltaFigures(lead(), lead({ status: 'reversed' }), 'UTC')).toEqual([
      figures({ confirmed: -1n, reversed: 1n, chargeMinor: -2500n, commissionMinor: -1800n }),
    ]);
  });

  it('a change of nothing that counts: nothing', () => {
    expect(deltaFigures(lead(), lead({ version: 2 }), 'UTC')).toEqual([]);
  });

  it('a rejected claim replaced by another affiliate’s: taken from one, given to the other', () => {
    const delta = leadDelta(lead({ status: 'rejected' }), lead({ affiliateId: OTHER_AFFILIATE_ID }), 'UTC');
    expect(delta.map((contribution) => [contribution.affiliateId, contribution.figures.leads])).toEqual([
      [AFFILIATE_ID, -1n],
      [OTHER_AFFILIATE_ID, 1n],
    ]);
  });

  it('an item that is gone, or none at all: taken back, or nothing', () => {
    expect(deltaFigures(lead({ status: 'rejected' }), undefined, 'UTC')).toEqual([
      figures({ leads: -1n, rejected: -1n }),
    ]);
    expect(leadDelta(undefined, undefined, 'UTC')).toEqual([]);
  });
});
