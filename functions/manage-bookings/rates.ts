import { RATES_LIMIT_BYTES, ratesQuery } from '../../shared/contracts/rates.ts';
import { BASE } from '../../shared/domain/money/published-rates.ts';
import { dayOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { MAX_RATE_AGE_DAYS, type RateBook, RateConflict } from '../../shared/ports/rates.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { bodyText, type HttpHandler, json, query } from '../../shared/runtime/http.ts';
import { conflict, notFound } from '../../shared/runtime/problems.ts';
import { readRates } from './read-rates.ts';

export interface RateDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly rates: Pick<RateBook, 'add' | 'published'>;
  readonly clock: Clock;
}

/** Imports published exchange rates, and shows those of a day. What was published once never changes here. */
export function rateHandlers({ catalog, rates, clock }: RateDependencies): Record<string, HttpHandler> {
  return {
    'POST /v1/rates': async (event) => {
      await authenticate(catalog, event, ['operator', 'finance']);
      const { days, ignored } = readRates(bodyText(event, RATES_LIMIT_BYTES), dayOf(clock(), 'UTC'));
      try {
        const added = await rates.add(days);
        const [from, to] = [days[0]?.date, days.at(-1)?.date];
        return json(200, { source: days[0]?.source, from, to, days: days.length, added, ignored });
      } catch (error) {
        if (!(error instanceof RateConflict)) throw error;
        const { date, currency, stored, given } = error;
        throw conflict(
          'rate-differs',
          `The rate of ${currency} on ${date} is ${stored} here and ${given} in the file: what was published never changes. Nothing was stored.`,
          { date, currency },
        );
      }
    },
    'GET /v1/rates': async (event) => {
      await authenticate(catalog, event, ['operator', 'finance', 'advertiser', 'affiliate']);
      const { date } = query(event, ratesQuery);
      const published = await rates.published(date);
      if (published === undefined) {
        throw notFound(`No rates were published on ${date} or in the ${MAX_RATE_AGE_DAYS} days before.`);
      }
      return json(200, {
        date,
        source: published.source,
        published: published.date,
        base: BASE,
        rates: published.rates,
      });
    },
  };
}
