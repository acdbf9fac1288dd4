import * as z from 'zod';
import { formatMicros, formatPrice, parseMicros } from '../domain/money/micros.ts';
import { formatAmount } from '../domain/money/money.ts';
import type {
  Bonus,
  Guarantee,
  Price,
  PriceCondition,
  PricePair,
  Pricing,
  Tier,
  TierStep,
} from '../domain/prices/pricing.ts';
import { country, event, optionalAll, subId, subIdNames } from './postback.ts';
import { affiliateReference, amountIn, amountText, displayText } from './primitives.ts';

const MAX_EVENTS = 20;
const MAX_RULES = 50;
const MAX_VALUES = 50;
/** Of the conditions of all rules: a version of the terms is one item of the store. */
const MAX_VALUES_IN_ALL = 1000;
const MAX_TIERS = 10;
const MAX_STEPS = 10;
const MAX_BONUSES = 20;
const MAX_GUARANTEES = 100;
const MAX_LEADS = 1_000_000_000;

const unitPrice = z
  .string()
  .refine((text) => parseMicros(text) !== undefined, 'must be a plain decimal such as 0.0125, with at most 6 decimals');
const percent = z
  .string()
  .regex(
    /^(?:100(?:\.0{1,4})?|[0-9]{1,2}(?:\.[0-9]{1,4})?)$/,
    'must be a percentage from 0 to 100 such as "12.5", with at most 4 decimals',
  );

const PRICE = 'must be a decimal such as "25.00" with at most 6 decimals, or a percentage such as';
const chargePrice = z.union([unitPrice, z.strictObject({ percent, of: z.literal('amount') })], {
  error: `${PRICE} {"percent": "10", "of": "amount"}`,
});
const commissionPrice = z.union([unitPrice, z.strictObject({ percent, of: z.enum(['amount', 'charge']) })], {
  error: `${PRICE} {"percent": "70", "of": "charge"} or {"percent": "5", "of": "amount"}`,
});

const pair = {
  charge: chargePrice.optional().meta({ description: 'What the advertiser owes; left out: as otherwise' }),
  commission: commissionPrice.optional().meta({ description: 'What the affiliate earns; left out: as otherwise' }),
};

/** Where the price of one side at least is given. */
const pricesOne = [
  ({ charge, commission }: { charge?: unknown; commission?: unknown }) =>
    charge !== undefined || commission !== undefined,
  { error: 'must give a charge, a commission or both' },
] as const;

const values = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1, 'must have at least one value').max(MAX_VALUES, `must have at most ${MAX_VALUES} values`);

const when = z
  .strictObject({
    event: values(event).optional(),
    affiliateId: values(affiliateReference).optional(),
    source: values(displayText(64)).optional(),
    country: values(country).optional().meta({ description: 'As the postback gives it' }),
    ...optionalAll(subIdNames, values(subId)),
  })
  .refine(
    (fields) => Object.keys(fields).length > 0,
    'must name at least one of event, affiliateId, source, country, sub1',
  );

const ruleId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, 'must be 1 to 32 letters, digits, dots, dashes or underscores');
const rule = z.strictObject({ id: ruleId, when, ...pair }).refine(...pricesOne);

const LEADS = `must be a whole number from 1 to ${MAX_LEADS}`;
const leads = z.int(LEADS).min(1, LEADS).max(MAX_LEADS, LEADS);
const events = values(event).optional().meta({ description: 'Which leads count; left out: all' });

const step = z
  .strictObject({
    from: leads.meta({ description: 'The number of the first lead of the month that it is for' }),
    price: unitPrice.optional(),
    percent: z
      .string()
      .regex(
        /^[0-9]{1,3}(?:\.[0-9]{1,4})?$/,
        'must be a percentage from 0 to 999 such as "120", with at most 4 decimals',
      )
      .optional()
      .meta({ description: 'Of what each lead was priced at, instead of a price' }),
  })
  .refine(({ price, percent: share }) => (price === undefined) !== (share === undefined), {
    error: 'or percent must be given, and not both',
    path: ['price'],
  });

const tier = z.strictObject({
  on: z.enum(['charge', 'commission'], { error: 'must be charge or commission' }).meta({
    description: 'A charge counts the leads of the campaign, a commission those of each affiliate on it',
  }),
  mode: z.enum(['marginal', 'retroactive'], { error: 'must be marginal or retroactive' }).meta({
    description:
      'marginal: a step is for the leads from its number on; retroactive: the highest step that is reached is for all',
  }),
  events,
  steps: z
    .array(step)
    .min(1, 'must have at least one step')
    .max(MAX_STEPS, `must have at most ${MAX_STEPS} steps`)
    .refine(
      (steps) => steps.every(({ from }, index) => index === 0 || from > (steps[index - 1]?.from ?? 0)),
      'must rise from step to step',
    ),
});

const bonus = z.strictObject({
  leads: leads.meta({ description: 'Confirmed leads of the affiliate in the month by which it is earned' }),
  events,
  commission: amountText,
  charge: amountText.optional().meta({ description: 'What the advertiser is charged for it; left out: nothing' }),
});

const guarantee = z.strictObject({
  affiliateId: affiliateReference,
  commission: amountText.meta({ description: 'What the affiliate earns on the campaign in a month at the least' }),
  charged: z
    .boolean()
    .optional()
    .meta({ description: 'Whether the advertiser is charged what it takes to reach it; otherwise the network pays' }),
});

const atMost = <Item extends z.ZodType>(item: Item, most: number, what: string) =>
  z.array(item, `must be a list of ${what}`).max(most, `must have at most ${most} ${what}`);

/** The prices of a version of the terms. */
export const pricing = z
  .strictObject({
    events: z
      .record(event, z.strictObject(pair).refine(...pricesOne))
      .refine((all) => Object.keys(all).length <= MAX_EVENTS, `must name at most ${MAX_EVENTS} events`)
      .optional()
      .meta({ description: 'By the name of the event; any other has the charge and commission of the terms' }),
    rules: atMost(rule, MAX_RULES, 'rules')
      .optional()
      .meta({ description: 'Prices for some leads: the first whose condition holds is taken' }),
    click: z
      .strictObject({ charge: unitPrice.optional(), commission: unitPrice.optional() })
      .refine(...pricesOne)
      .optional()
      .meta({ description: 'What each click costs and earns; changes at the start of a day of the network' }),
    tiers: atMost(tier, MAX_TIERS, 'tiers')
      .optional()
      .meta({ description: 'Prices by the number of leads of the month, settled as the month is closed' }),
    bonuses: atMost(bonus, MAX_BONUSES, 'bonuses').optional(),
    guarantees: atMost(guarantee, MAX_GUARANTEES, 'guarantees').optional(),
  })
  .refine((fields) => Object.keys(fields).length > 0, 'must set at least one price')
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const fault = pricingFault(value);
    if (fault !== undefined) issues.push({ code: 'custom', path: fault.path, input: value, message: fault.message });
  })
  .meta({
    description:
      'More than one price: by event, by source, as a share of the amount, by click and by the month. Unit prices have up to 6 decimals of the currency of the campaign',
  });

export type WirePricing = z.output<typeof pricing>;

/** What is wrong between parts that are each right by themselves. */
function pricingFault({ rules = [], tiers = [] }: WirePricing) {
  const doubleRule = indexOfRepeat(rules.map(({ id }) => id));
  if (doubleRule >= 0) return { path: ['rules', doubleRule, 'id'], message: 'is the id of an earlier rule' };
  const valuesInAll = rules.flatMap((one) => Object.values(one.when).flat()).length;
  if (valuesInAll > MAX_VALUES_IN_ALL) {
    return { path: ['rules'], message: `must have at most ${MAX_VALUES_IN_ALL} values together, not ${valuesInAll}` };
  }
  const overlap = tiers.findIndex((later, index) =>
    tiers.slice(0, index).some((earlier) => earlier.on === later.on && shareEvents(earlier.events, later.events)),
  );
  if (overlap < 0) return undefined;
  return { path: ['tiers', overlap, 'events'], message: 'must not count what an earlier tier of the same side counts' };
}

const indexOfRepeat = (texts: readonly string[]): number =>
  texts.findIndex((text, index) => texts.indexOf(text) < index);

const shareEvents = (left: readonly string[] | undefined, right: readonly string[] | undefined): boolean =>
  left === undefined || right === undefined || left.some((name) => right.includes(name));

/** What is wrong with an amount of a pricing in a currency. */
export interface PricingFault {
  readonly field: string;
  readonly message: string;
}

const microsOf = (text: string): bigint => {
  const micros = parseMicros(text);
  if (micros === undefined) throw new RangeError(`${text} is no price`);
  return micros;
};

const PERCENT_PER_WHOLE = 100n;
/** Millionths of the whole: a percentage has at most 4 decimals. */
const shareOf = (text: string): bigint => microsOf(text.replace(/^0+(?=[0-9])/, '')) / PERCENT_PER_WHOLE;
const percentText = (shareMicros: bigint): string => formatMicros(shareMicros * PERCENT_PER_WHOLE);

type WirePrice = z.output<typeof commissionPrice>;

const priceFrom = (given: WirePrice): Price =>
  typeof given === 'string'
    ? { kind: 'fixed', micros: microsOf(given) }
    : { kind: given.of === 'amount' ? 'of_amount' : 'of_charge', shareMicros: shareOf(given.percent) };

const pairFrom = ({ charge, commission }: { charge?: WirePrice | undefined; commission?: WirePrice | undefined }) => ({
  ...(charge !== undefined && { charge: priceFrom(charge) }),
  ...(commission !== undefined && { commission: priceFrom(commission) }),
});

/** The pricing that a body asks for. */
export function pricingFrom(given: WirePricing, currency: string): Pricing | PricingFault {
  const bonuses: Bonus[] = [];
  for (const [index, { leads: count, events: of, commission, charge = '0' }] of (given.bonuses ?? []).entries()) {
    const read = { commission: amountIn(commission, currency), charge: amountIn(charge, currency) };
    const fault = faultIn(read, `pricing.bonuses.${index}`);
    if (fault !== undefined) return fault;
    const { commission: earned, charge: charged } = read as Read;
    bonuses.push({
      leads: BigInt(count),
      ...(of !== undefined && { events: of }),
      commissionMinor: earned.amountMinor,
      chargeMinor: charged.amountMinor,
    });
  }
  const guarantees: Guarantee[] = [];
  for (const [index, { affiliateId, commission, charged = false }] of (given.guarantees ?? []).entries()) {
    const read = amountIn(commission, currency);
    if ('message' in read) return { field: `pricing.guarantees.${index}.commission`, message: read.message };
    guarantees.push({ affiliateId, commissionMinor: read.amountMinor, isCharged: charged });
  }
  // Looked at here, where affiliates have their ids: they may have come by external ones.
  const double = indexOfRepeat(guarantees.map(({ affiliateId }) => affiliateId));
  if (double >= 0) return { field: `pricing.guarantees.${double}.affiliateId`, message: 'has an earlier guarantee' };
  const { click } = given;
  return {
    events: Object.fromEntries(Object.entries(given.events ?? {}).map(([name, prices]) => [name, pairFrom(prices)])),
    rules: (given.rules ?? []).map(({ id, when: condition, ...prices }) => ({
      id,
      when: conditionFrom(condition),
      ...pairFrom(prices),
    })),
    ...(click !== undefined && {
      click: { chargeMicros: microsOf(click.charge ?? '0'), commissionMicros: microsOf(click.commission ?? '0') },
    }),
    tiers: (given.tiers ?? []).map(tierFrom),
    bonuses,
    guarantees,
  };
}

type Read = Readonly<Record<'commission' | 'charge', { readonly amountMinor: bigint }>>;

function faultIn(read: Readonly<Record<string, ReturnType<typeof amountIn>>>, under: string): PricingFault | undefined {
  for (const [name, amount] of Object.entries(read)) {
    if ('message' in amount) return { field: `${under}.${name}`, message: amount.message };
  }
  return undefined;
}

function conditionFrom(given: z.output<typeof when>): PriceCondition {
  const { event: of, affiliateId, source, country: from, ...subs } = given;
  const subIds = Object.fromEntries(Object.entries(subs).filter(([, list]) => list !== undefined));
  return {
    ...(of !== undefined && { event: of }),
    ...(affiliateId !== undefined && { affiliateId }),
    ...(source !== undefined && { source }),
    ...(from !== undefined && { country: from }),
    ...(Object.keys(subIds).length > 0 && { subIds: subIds as PriceCondition['subIds'] }),
  };
}

const tierFrom = ({ on, mode, events: of, steps }: z.output<typeof tier>): Tier => ({
  side: on,
  mode,
  ...(of !== undefined && { events: of }),
  steps: steps.map(({ from, price, percent: share = '' }) => ({
    from: BigInt(from),
    price:
      price === undefined
        ? { kind: 'of_own', shareMicros: shareOf(share) }
        : { kind: 'fixed', micros: microsOf(price) },
  })),
});

/** A pricing on the wire. What was left out stays so. */
export function viewPricing(
  { events: byEvent, rules, click, tiers, bonuses, guarantees }: Pricing,
  currency: string,
): WirePricing {
  const show = (minor: bigint) => formatAmount(minor, currency);
  return {
    ...(Object.keys(byEvent).length > 0 && {
      events: Object.fromEntries(Object.entries(byEvent).map(([name, prices]) => [name, viewPair(prices, currency)])),
    }),
    ...(rules.length > 0 && {
      rules: rules.map(({ id, when: condition, ...prices }) => ({
        id,
        when: viewCondition(condition),
        ...viewPair(prices, currency),
      })),
    }),
    ...(click !== undefined && {
      click: {
        charge: formatPrice(click.chargeMicros, currency),
        commission: formatPrice(click.commissionMicros, currency),
      },
    }),
    ...(tiers.length > 0 && { tiers: tiers.map((tier) => viewTier(tier, currency)) }),
    ...(bonuses.length > 0 && {
      bonuses: bonuses.map(({ leads: count, events: of, commissionMinor, chargeMinor }) => ({
        leads: Number(count),
        ...(of !== undefined && { events: [...of] }),
        commission: show(commissionMinor),
        ...(chargeMinor !== 0n && { charge: show(chargeMinor) }),
      })),
    }),
    ...(guarantees.length > 0 && {
      guarantees: guarantees.map(({ affiliateId, commissionMinor, isCharged }) => ({
        affiliateId,
        commission: show(commissionMinor),
        ...(isCharged && { charged: true }),
      })),
    }),
  };
}

type WirePair = { charge?: z.output<typeof chargePrice>; commission?: z.output<typeof commissionPrice> };

function viewPair({ charge, commission }: PricePair, currency: string): WirePair {
  return {
    // A share of the charge is never a charge: what came in did not say so.
    ...(charge !== undefined && { charge: viewPrice(charge, currency) as z.output<typeof chargePrice> }),
    ...(commission !== undefined && { commission: viewPrice(commission, currency) }),
  };
}

function viewPrice(price: Price, currency: string): WirePrice {
  if (price.kind === 'fixed') return formatPrice(price.micros, currency);
  return { percent: percentText(price.shareMicros), of: price.kind === 'of_amount' ? 'amount' : 'charge' };
}

const viewCondition = ({ subIds, ...condition }: PriceCondition): z.output<typeof when> => ({
  ...Object.fromEntries(Object.entries({ ...condition, ...subIds }).map(([name, list]) => [name, [...(list ?? [])]])),
});

const viewTier = ({ side, mode, events: of, steps }: Tier, currency: string): z.output<typeof tier> => ({
  on: side,
  mode,
  ...(of !== undefined && { events: [...of] }),
  steps: steps.map((one) => viewStep(one, currency)),
});

const viewStep = ({ from, price }: TierStep, currency: string): z.output<typeof step> => ({
  from: Number(from),
  ...(price.kind === 'fixed'
    ? { price: formatPrice(price.micros, currency) }
    : { percent: percentText(price.shareMicros) }),
});
