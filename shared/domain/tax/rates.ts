import type { Day } from '../time/calendar.ts';

/** The first day on which a standard rate holds, and the rate in percent. */
type RateFrom = readonly [from: Day, percent: string];

/** Before this day no rate is kept. */
const FIRST_DAY: Day = '2016-01-01';

/**
 * Standard rates of VAT. Sources: European Commission, "Taxes in Europe Database" and "VAT rates applied in the Member States of the
 * European Union"; and for what has changed since the first day:
 * CH: Art. 25 MWSTG (AHV 21 as of 2024). DE: Zweites Corona-Steuerhilfegesetz § 28 UStG. EE: Käibemaksuseadus § 15. FI: Arvonlisäverolaki § 84.
 * GR: law 4389/2016. IE: Financial Provisions (Covid-19) (No. 2) Act 2020. LU: loi du 26 octobre 2022. RO: Legea 227/2015 art. 291, Legea
 * 141/2025. SK: zákon 222/2004 § 27. GB: Value Added Tax Act 1994 s. 2. NO: Stortingets vedtak om merverdiavgift § 2.
 */
const STANDARD_RATES: Readonly<Record<string, readonly RateFrom[]>> = {
  AT: [[FIRST_DAY, '20']],
  BE: [[FIRST_DAY, '21']],
  BG: [[FIRST_DAY, '20']],
  CH: [
    [FIRST_DAY, '8'],
    ['2018-01-01', '7.7'],
    ['2024-01-01', '8.1'],
  ],
  CY: [[FIRST_DAY, '19']],
  CZ: [[FIRST_DAY, '21']],
  DE: [
    [FIRST_DAY, '19'],
    ['2020-07-01', '16'],
    ['2021-01-01', '19'],
  ],
  DK: [[FIRST_DAY, '25']],
  EE: [
    [FIRST_DAY, '20'],
    ['2024-01-01', '22'],
    ['2025-07-01', '24'],
  ],
  ES: [[FIRST_DAY, '21']],
  FI: [
    [FIRST_DAY, '24'],
    ['2024-09-01', '25.5'],
  ],
  FR: [[FIRST_DAY, '20']],
  GB: [[FIRST_DAY, '20']],
  GR: [
    [FIRST_DAY, '23'],
    ['2016-06-01', '24'],
  ],
  HR: [[FIRST_DAY, '25']],
  HU: [[FIRST_DAY, '27']],
  IE: [
    [FIRST_DAY, '23'],
    ['2020-09-01', '21'],
    ['2021-03-01', '23'],
  ],
  IT: [[FIRST_DAY, '22']],
  LT: [[FIRST_DAY, '21']],
  LU: [
    [FIRST_DAY, '17'],
    ['2023-01-01', '16'],
    ['2024-01-01', '17'],
  ],
  LV: [[FIRST_DAY, '21']],
  MT: [[FIRST_DAY, '18']],
  NL: [[FIRST_DAY, '21']],
  NO: [[FIRST_DAY, '25']],
  PL: [[FIRST_DAY, '23']],
  PT: [[FIRST_DAY, '23']],
  RO: [
    [FIRST_DAY, '20'],
    ['2017-01-01', '19'],
    ['2025-08-01', '21'],
  ],
  SE: [[FIRST_DAY, '25']],
  SI: [[FIRST_DAY, '22']],
  SK: [
    [FIRST_DAY, '20'],
    ['2025-01-01', '23'],
  ],
};

const OUTSIDE_EU: ReadonlySet<string> = new Set(['CH', 'GB', 'NO']);

/** Whether VAT of a country is charged here: its rates are known. */
export const hasVatRates = (country: string): boolean => Object.hasOwn(STANDARD_RATES, country);

/** Whether a country is a member of the European Union. */
export const isInEu = (country: string): boolean => hasVatRates(country) && !OUTSIDE_EU.has(country);

/** The standard rate of VAT of a country on a day, in percent; undefined where it is not known. */
export function standardRate(country: string, day: Day): string | undefined {
  const rates = hasVatRates(country) ? (STANDARD_RATES[country] ?? []) : [];
  return rates.findLast(([from]) => from <= day)?.[1];
}
