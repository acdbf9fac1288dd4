import { describe, expect, it } from 'vitest';
import { figures } from '../../../shared/domain/rollups/figures.ts';
import { PayoutReport } from '../../../shared/domain/rollups/report.ts';
import { ADVERTISER_ID, CAMPAIGN_ID } from '../../support/builders.ts';

describe('a report of days on which there were impressions alone', () => {
  const add = (report: PayoutReport) => {
    for (const day of ['2025-11-10', '2025-11-11', '2025-11-12']) {
      report.add({
        key: { scope: 'adv', ownerId: ADVERTISER_ID, day, campaignId: CAMPAIGN_ID },
        currency: 'EUR',
        figures: figures({ impressions: 1n, clicks: day === '2025-11-12' ? 1n : 0n }),
      });
    }
    return report;
  };

  it('has the rows that it had before there were any, and no more to be refused for', () => {
    const report = add(new PayoutReport(['day']));
    expect(report.rows().map(({ values, figures: { impressions } }) => [values, impressions])).toEqual([
      [['2025-11-12'], 0n],
    ]);
    expect(report.size).toBe(1);
  });

  it('has them all where impressions are asked for', () => {
    expect(add(new PayoutReport(['day'], true)).size).toBe(3);
  });
});
