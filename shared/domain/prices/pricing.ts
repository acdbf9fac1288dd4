/**
 * What something is worth: so many millionths of the currency's major unit; or a share, in millionths (5% is 50,000), of the amount that
 * the postback reports, or of what the advertiser is charged for the same lead.
 */
export type Price =
  | { readonly kind: 'fixed'; readonly micros: bigint }
  | { readonly kind: 'of_amount'; readonly shareMicros: bigint }
  | { readonly kind: 'of_charge'; readonly shareMicros: bigint };

/** What the advertiser owes and the affiliate earns; what is left out is as it would be otherwise. */
export interface PricePair {
  readonly charge?: Price | undefined;
  /** The only one that may be a share of the charge. */
  readonly commission?: Price | undefined;
}

/** Holds where each field that is named has one of its values. */
export interface PriceCondition {
  readonly event?: readonly string[] | undefined;
  readonly affiliateId?: readonly string[] | undefined;
  readonly source?: readonly string[] | undefined;
  /** ISO 3166-1 alpha-2, as the sender of the postback gives it. */
  readonly country?: readonly string[] | undefined;
  /** `sub1` to `sub10`; the empty text stands for leads without it. */
  readonly subIds?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A price for some leads. Of several whose condition holds, the first is taken. */
export interface PriceRule extends PricePair {
  readonly id: string;
  readonly when: PriceCondition;
}

/** What a click costs and earns, beside its leads, in millionths of the currency's major unit. */
export interface ClickPrice {
  readonly chargeMicros: bigint;
  readonly commissionMicros: bigint;
}

/** From the `from`th lead of the month on: a price for each, or a share of what each was priced at. */
export interface TierStep {
  readonly from: bigint;
  readonly price:
    | { readonly kind: 'fixed'; readonly micros: bigint }
    | { readonly kind: 'of_own'; readonly shareMicros: bigint };
}

/**
 * Prices by the number of the month's confirmed leads: of the campaign for charges, of each affiliate on it for commissions. `marginal`:
 * a step is for the leads from its number on; `retroactive`: the highest step that is reached is for all of them.
 */
export interface Tier {
  readonly side: 'charge' | 'commission';
  readonly mode: 'marginal' | 'retroactive';
  /** Which leads are counted, and priced; undefined: all. */
  readonly events?: readonly string[] | undefined;
  /** In order of `from`. */
  readonly steps: readonly TierStep[];
}

/** Paid once a month to an affiliate that brings so many confirmed leads; in minor units. */
export interface Bonus {
  readonly leads: bigint;
  /** Which leads are counted; undefined: all. */
  readonly events?: readonly string[] | undefined;
  readonly commissionMinor: bigint;
  /** What the advertiser is charged for it. */
  readonly chargeMinor: bigint;
}

/** What an affiliate earns on the campaign in a month at the least, whatever it brings; in minor units. */
export interface Guarantee {
  readonly affiliateId: string;
  readonly commissionMinor: bigint;
  /** Whether the advertiser is charged what is paid to reach it; otherwise the network bears it. */
  readonly isCharged: boolean;
}

/** All that a version of the terms says of money beyond its charge and commission. */
export interface Pricing {
  /** By the name of the event. */
  readonly events: Readonly<Record<string, PricePair>>;
  readonly rules: readonly PriceRule[];
  readonly click?: ClickPrice | undefined;
  readonly tiers: readonly Tier[];
  readonly bonuses: readonly Bonus[];
  readonly guarantees: readonly Guarantee[];
}

/** Pricing as text, always the same for the same pricing. */
export const pricingToText = (pricing: Pricing): string =>
  JSON.stringify(pricing, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

const WHOLE_NUMBERS = /Micros$|Minor$|^(?:micros|from|leads)$/;

/** Reads a text that `pricingToText` wrote. */
export const pricingFromText = (text: string): Pricing =>
  JSON.parse(text, (name, value: unknown) =>
    WHOLE_NUMBERS.test(name) && typeof value === 'string' ? BigInt(value) : value,
  ) as Pricing;

/** Whether prices depend on the country of a lead. */
export const asksCountry = (pricing: Pricing | undefined): boolean =>
  pricing?.rules.some(({ when }) => when.country !== undefined) ?? false;
