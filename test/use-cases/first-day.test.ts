import { describe, expect, it } from 'vitest';
import type { Recorded } from '../../shared/ports/catalog-store.ts';
import { createFirstDay } from '../../shared/use-cases/first-day.ts';
import { ADVERTISER_ID, AFFILIATE_ID, campaign, terms } from '../support/builders.ts';

const recorded = <Entity>(entity: Entity, createdAt: string): Recorded<Entity> =>
  ({ ...entity, createdAt, updatedAt: createdAt }) as Recorded<Entity>;

/** A network whose campaigns have terms from these instants on, two campaigns a page. */
function firstDay(starts: readonly string[], madeAt = '2025-11-20T00:00:00.000Z', timeZone = 'UTC', now = { ms: 0 }) {
  return createFirstDay({
    campaigns: {
      list: async (_limit, after = '0') => {
        const start = Number.parseInt(after, 10);
        const campaigns = starts.map((effectiveFrom) =>
          recorded(campaign({ terms: [terms({ effectiveFrom })] }), madeAt),
        );
        const more = start + 2 < campaigns.length;
        return { items: campaigns.slice(start, start + 2), ...(more && { position: String(start + 2) }) };
      },
    },
    advertisers: {
      list: async () => ({ items: [recorded({ advertiserId: ADVERTISER_ID, name: 'Acme', currency: 'EUR' }, madeAt)] }),
    },
    affiliates: { list: async () => ({ items: [recorded({ affiliateId: AFFILIATE_ID, name: 'Traffic' }, madeAt)] }) },
    timeZone,
    nowMs: () => now.ms,
  });
}

describe('the first day of the first month that an entry can count in', () => {
  it.each([
    ['a year before anybody was there', [], '2024-11-01'],
    ['that, where the first terms came later', ['2025-01-01T00:00:00.000Z'], '2024-11-01'],
    ['that of the day before the first terms', ['2024-03-01T00:00:00.000Z'], '2024-02-01'],
    [
      'that of the day before the first terms of any campaign',
      ['2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z'],
      '2020-12-01',
    ],
  ])('is %s', async (_what, starts, expected) => {
    expect(await firstDay(starts)()).toBe(expected);
  });

  it('is a month of where the network is', async () => {
    expect(await firstDay(['2020-12-01T23:30:00.000Z'], undefined, 'Europe/Berlin')()).toBe('2020-12-01');
    expect(await firstDay(['2020-12-01T22:30:00.000Z'], undefined, 'Europe/Berlin')()).toBe('2020-11-01');
  });

  it('is looked for once a minute', async () => {
    const starts = ['2023-05-01T12:00:00.000Z'];
    const now = { ms: 0 };
    const ask = firstDay(starts, undefined, 'UTC', now);
    expect(await ask()).toBe('2023-04-01');
    starts.push('2022-05-02T12:00:00.000Z');
    now.ms = 59_999;
    expect(await ask()).toBe('2023-04-01');
    now.ms = 60_000;
    expect(await ask()).toBe('2022-05-01');
  });
});
