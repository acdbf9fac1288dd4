import type { AffiliateTerms, Terms } from '../catalog/campaign.ts';
import { divideRounded } from '../money/divide-rounded.ts';
import { MICROS, microsPerMinor } from '../money/micros.ts';
import type { Money } from '../money/money.ts';
import type { Price, PriceCondition, PricePair } from '../prices/pricing.ts';
import type { SubIds } from './lead.ts';

/** How a price was found, where the terms have more than one. */
export interface PriceRecord {
  /** `rule:` and the id of the rule that was taken, or `event:` and the event whose price it is; undefined: neither, it is the terms' own. */
  readonly rule?: string | undefined;
  /** Unit prices that have more decimals than the currency, in millionths of its major unit. */
  readonly chargeMicros?: bigint | undefined;
  readonly commissionMicros?: bigint | undefined;
}

/** What a lead costs and earns once it is confirmed, in minor units of the campaign's currency. */
export interface LeadPrice {
  readonly chargeMinor: bigint;
  readonly commissionMinor: bigint;
  /** Present where the terms have a pricing. */
  readonly price?: PriceRecord | undefined;
}

/** What is owed for a lead that is rejected. */
export const NO_PRICE = { chargeMinor: 0n, commissionMinor: 0n, price: undefined } as const satisfies LeadPrice;

/** The price alone, of what has one. */
export const priceIn = ({ chargeMinor, commissionMinor, price }: LeadPrice): LeadPrice => ({
  chargeMinor,
  commissionMinor,
  price,
});

/** What of a conversion its price depends on. */
export interface PricedConversion {
  readonly event: string;
  /** What the postback said the conversion was worth. */
  readonly amount?: Money | undefined;
  readonly affiliateId?: string | undefined;
  readonly source?: string | undefined;
  readonly subIds: SubIds;
  /** Present where the terms have prices by country, and it is known. */
  readonly country?: string | undefined;
}

/** Why a conversion has no price: it is a share of an amount that is not there, or in another currency than the campaign's. */
export type PriceFault = 'amount_needed' | 'amount_in_other_currency';

/**
 * The price of a lead under the versions in force at its click: the terms' own (the affiliate's own commission, where it has one) ▸ that
 * of its event ▸ that of the first rule that holds. A lead of an ad platform is charged and earns nobody a commission. Shares and unit
 * prices of more decimals than the currency are rounded to its minor unit, a half up.
 */
export function leadPrice(
  terms: Pick<Terms, 'chargeMinor' | 'commissionMinor' | 'pricing'>,
  affiliateTerms: Pick<AffiliateTerms, 'commissionMinor'> | undefined,
  conversion: PricedConversion,
  currency: string,
): LeadPrice | PriceFault {
  const { pricing, chargeMinor } = terms;
  const earns = conversion.affiliateId !== undefined;
  const commissionMinor = affiliateTerms?.commissionMinor ?? terms.commissionMinor;
  if (pricing === undefined) return { chargeMinor, commissionMinor: earns ? commissionMinor : 0n };

  const ofEvent = Object.hasOwn(pricing.events, conversion.event) ? pricing.events[conversion.event] : undefined;
  const rule = pricing.rules.find(({ when }) => holds(when, conversion));
  const priceOf = (side: keyof PricePair, ownMinor: bigint): Price =>
    rule?.[side] ?? ofEvent?.[side] ?? { kind: 'fixed', micros: ownMinor * microsPerMinor(currency) };

  const charge = worthOf(priceOf('charge', chargeMinor), conversion.amount, undefined, currency);
  if (typeof charge === 'string') return charge;
  const commission = earns
    ? worthOf(priceOf('commission', commissionMinor), conversion.amount, charge, currency)
    : NOTHING;
  if (typeof commission === 'string') return commission;
  return {
    chargeMinor: charge.minor,
    commissionMinor: commission.minor,
    price: {
      rule: rule === undefined ? ofEvent && `event:${conversion.event}` : `rule:${rule.id}`,
      chargeMicros: charge.micros,
      commissionMicros: commission.micros,
    },
  };
}

function holds({ event, affiliateId, source, country, subIds = {} }: PriceCondition, of: PricedConversion): boolean {
  const isOneOf = (values: readonly string[] | undefined, value: string | undefined) =>
    values === undefined || (value !== undefined && values.includes(value));
  return (
    isOneOf(event, of.event) &&
    isOneOf(affiliateId, of.affiliateId) &&
    isOneOf(source, of.source) &&
    isOneOf(country, of.country) &&
    Object.entries(subIds).every(([name, values]) => values.includes(of.subIds[name] ?? ''))
  );
}

/** An amount in minor units, and in millionths where these say more. */
interface Worth {
  readonly minor: bigint;
  readonly micros?: bigint | undefined;
}

const NOTHING: Worth = { minor: 0n };

function worthOf(
  price: Price,
  amount: Money | undefined,
  charge: Worth | undefined,
  currency: string,
): Worth | PriceFault {
  const perMinor = microsPerMinor(currency);
  switch (price.kind) {
    case 'fixed': {
      const minor = divideRounded(price.micros, perMinor);
      return { minor, micros: minor * perMinor === price.micros ? undefined : price.micros };
    }
    case 'of_charge': {
      const { minor = 0n, micros = minor * perMinor } = charge ?? {};
      return { minor: divideRounded(micros * price.shareMicros, MICROS * perMinor) };
    }
    case 'of_amount':
      if (amount === undefined) return 'amount_needed';
      if (amount.currency !== currency) return 'amount_in_other_currency';
      return { minor: divideRounded(amount.amountMinor * price.shareMicros, MICROS) };
  }
}
