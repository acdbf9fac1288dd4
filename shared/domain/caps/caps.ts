/** Whose leads a cap counts together. `affiliate`: over all campaigns of the advertiser in one time zone that have such a cap. */
export const capScopes = ['campaign', 'affiliate', 'affiliate_on_campaign', 'source'] as const;
export type CapScope = (typeof capScopes)[number];

export const capPeriods = ['hour', 'day', 'week', 'month', 'total'] as const;
export type CapPeriod = (typeof capPeriods)[number];

/** What is counted: leads, or what the advertiser owes for them. */
export type CapMeasure = 'leads' | 'charge';

/** What becomes of a lead over the cap; with `fallback`, visitors already go elsewhere, and a lead that comes all the same is rejected. */
export const overModes = ['reject', 'pending', 'fallback'] as const;
export type OverCap = (typeof overModes)[number];

/** At most `limit` in each period of the campaign's time zone. */
export interface Cap {
  readonly scope: CapScope;
  readonly period: CapPeriod;
  readonly measure: CapMeasure;
  /** A number of leads, or minor units of the campaign's currency. */
  readonly limit: bigint;
  /** Only for this affiliate; left out, each affiliate has its own count. Never with the scope `campaign`. */
  readonly affiliateId?: string | undefined;
  /** The sub-id that tells sources of an affiliate apart; with the scope `source` alone. */
  readonly sub?: string | undefined;
  /** Only for this value of the sub-id; left out, each value has its own count. */
  readonly value?: string | undefined;
  readonly over: OverCap;
}

/** The caps of one version of a campaign's terms. */
export interface Caps {
  readonly limits: readonly Cap[];
  /** Whether a reversed lead makes room for another. A rejected one always does. */
  readonly reversalFrees: boolean;
}

const PERIOD_WORDS = {
  hour: 'hourly',
  day: 'daily',
  week: 'weekly',
  month: 'monthly',
  total: 'total',
} as const satisfies Record<CapPeriod, string>;
const MEASURE_WORDS = { leads: 'cap', charge: 'budget' } as const satisfies Record<CapMeasure, string>;

export type CapReason = `${CapScope}_${(typeof PERIOD_WORDS)[CapPeriod]}_${(typeof MEASURE_WORDS)[CapMeasure]}_reached`;

/** The reason code that names a cap. */
export const capReason = ({ scope, period, measure }: Pick<Cap, 'scope' | 'period' | 'measure'>): CapReason =>
  `${scope}_${PERIOD_WORDS[period]}_${MEASURE_WORDS[measure]}_reached`;

const SCOPE_TEXTS: Record<CapScope, string> = {
  campaign: 'the campaign',
  affiliate: 'the affiliate over the campaigns of the advertiser',
  affiliate_on_campaign: 'the affiliate on the campaign',
  source: 'the source (the sub-id of the affiliate)',
};
const PERIOD_TEXTS: Record<CapPeriod, string> = {
  hour: 'in the hour of the conversion',
  day: 'on the day of the conversion',
  week: 'in the week of the conversion',
  month: 'in the month of the conversion',
  total: 'in total',
};

/** Every reason a cap gives, and what it tells the sender. */
export const capReasons = Object.fromEntries(
  capScopes.flatMap((scope) =>
    capPeriods.flatMap((period) =>
      (['leads', 'charge'] as const).map((measure) => [
        capReason({ scope, period, measure }),
        measure === 'leads'
          ? `All leads are taken that the terms allow ${SCOPE_TEXTS[scope]} ${PERIOD_TEXTS[period]}.`
          : `The budget of the terms for ${SCOPE_TEXTS[scope]} is spent ${PERIOD_TEXTS[period]}.`,
      ]),
    ),
  ),
) as Record<CapReason, string>;
