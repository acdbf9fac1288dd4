import type { Attribution } from '../attribution/attribute.ts';
import type { Money } from '../money/money.ts';
import type { LeadScore } from '../qualification/score.ts';
import type { Signals } from '../qualification/signals.ts';
import type { Instant } from '../time/calendar.ts';
import type { Sender } from './decide-lead.ts';
import type { DedupeBy } from './dedupe.ts';
import type { LeadPrice, PriceRecord } from './price.ts';

export type LeadStatus = 'pending' | 'confirmed' | 'rejected' | 'reversed';

/** What found the source of a lead, strongest first; `none` where nothing did. */
export const ATTRIBUTED_BY = [
  'click_id',
  'click_ref',
  'platform_click_id',
  'promo_code',
  'named_affiliate',
  'ad_platform',
  'none',
] as const;
export type AttributedBy = (typeof ATTRIBUTED_BY)[number];

/**
 * What moved a lead: a message (`decided`, `replaced` a rejected one, `updated` a pending one, `revalued` one that is worth something else by
 * now), time (`released`, or `expired` where nobody opened the link in time), the person whose lead it is (`opted_in`, or `reminded` to), or
 * one who decides.
 */
export type LeadAction =
  | 'decided'
  | 'replaced'
  | 'updated'
  | 'revalued'
  | 'released'
  | 'expired'
  | 'opted_in'
  | 'reminded'
  | 'confirmed'
  | 'rejected'
  | 'undone'
  | 'reversed'
  | 'reversed_in_part';

/** One transition of a lead. `version` counts from 1; `actor` is the id of a key, or `system`. */
export interface LeadTransition {
  readonly version: number;
  readonly action: LeadAction;
  readonly status: LeadStatus;
  readonly reason?: string | undefined;
  readonly at: Instant;
  readonly actor: string;
  /** Of the message that moved it, where a later message has moved it since: the lead itself names the last. Of that which had its person reminded. */
  readonly receiptId?: string | undefined;
  /** What a reversal in part has taken back, in minor units. */
  readonly takenBack?: Amounts | undefined;
  /** The refund of the conversion's worth that it was taken back for. */
  readonly refund?: RefundRecord | undefined;
}

/** A refund by its sender's id, in millionths of the currency's major unit. */
export interface RefundRecord {
  readonly refundId: string;
  readonly refundedMicros: bigint;
}

/** One side and the other, in minor units. */
export type Amounts = Pick<LeadPrice, 'chargeMinor' | 'commissionMinor'>;

/**
 * A key that a lead must hold to be billed, as ids of what stands under it in the store. `before` and `after` are its neighbours in
 * time, where another lead may be too near.
 */
export interface DedupeKey {
  readonly by: DedupeBy;
  readonly own: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly windowMs?: number | undefined;
}

/** A way by which the source of a lead was looked for, in the order in which they were tried, and what was found. */
export interface ConsideredSource {
  readonly way: Exclude<AttributedBy, 'none'>;
  readonly found: boolean;
  readonly affiliateId?: string | undefined;
  readonly clickId?: string | undefined;
  readonly clickedAt?: Instant | undefined;
}

/** What a verdict was made from and the lead does not say itself: nothing, for a plain one. From it the verdict can be made again. */
export interface Evidence {
  /** Who reported it, where not one whose word decides. */
  readonly sender?: Exclude<Sender, 'decides'> | undefined;
  readonly namedAffiliateId?: string | undefined;
  /** `effectiveFrom` of the affiliate's own terms. */
  readonly affiliateTermsFrom?: Instant | undefined;
  /** The campaign took approved affiliates alone, or was paused. */
  readonly approval?: 'manual' | undefined;
  readonly paused?: true | undefined;
  /** The source that was found, where the lead does not show it: it is another's. */
  readonly attribution?: Attribution | undefined;
  /** Where the source was looked for, if not by the click that the message named. */
  readonly considered?: readonly ConsideredSource[] | undefined;
  /** Where the terms have rules or a scoring. */
  readonly signals?: Signals | undefined;
  /** Where the terms have prices by country. */
  readonly country?: string | undefined;
  /** Fields were erased that rules had looked at: the verdict cannot be decided again. */
  readonly erased?: true | undefined;
  /** Keyed, of the fields that the last message brought: where a verdict looks at them, or later ones may add to the lead. */
  readonly fieldsHash?: string | undefined;
  /** What the caps of the terms had counted before it, where there are any: see writeReadings. */
  readonly caps?: string | undefined;
}

/** Sub-ids that an affiliate gave with the click or the postback: `sub1` to `sub10`. */
export type SubIds = Readonly<Record<string, string>>;

/**
 * The thing that is billed. Everything about it but `status`, `reason`, `holdUntil`, `version`, `history` and what reversals in part take
 * off `chargeMinor` and `commissionMinor` is fixed once its sender has decided: until then it may still say what it is worth.
 */
export interface Lead {
  readonly leadId: string;
  readonly campaignId: string;
  readonly advertiserId: string;
  readonly affiliateId?: string | undefined;
  readonly event: string;
  readonly transactionId: string;
  /** Absent where the lead's own id is its one key: by transaction, for ever, in its campaign. */
  readonly dedupeKeys?: readonly DedupeKey[] | undefined;
  /** The claim that took this lead's key when it was confirmed; only of a lead that was rejected and never billed. */
  readonly yieldedTo?: string | undefined;
  /** Present on a claim: the affiliate (or `pixel`) whose word it is; absent on a lead that holds its own dedupe key. */
  readonly claimant?: string | undefined;
  /** Of a claim, or of one that its sender had not decided on: the key or the endpoint that sent the message which was decided. */
  readonly toldBy?: string | undefined;
  /** What the verdict was made from, beyond what the lead itself says. */
  readonly evidence: Evidence;
  readonly score?: LeadScore | undefined;
  readonly status: LeadStatus;
  readonly reason?: string | undefined;
  /** What is owed and earned once it is confirmed, less the parts that were taken back. */
  readonly chargeMinor: bigint;
  readonly commissionMinor: bigint;
  /** How its price was found; present where the terms have a pricing. */
  readonly price?: PriceRecord | undefined;
  /** Where it counts towards caps: see writeReserved. Undefined where it counts in none. */
  readonly reserved?: string | undefined;
  readonly currency: string;
  /** What the postback said the conversion was worth; billed from only where the terms price by it. */
  readonly amount?: Money | undefined;
  /** `effectiveFrom` of the terms version that decided it. */
  readonly termsFrom?: Instant | undefined;
  readonly attributedBy: AttributedBy;
  readonly clickId?: string | undefined;
  readonly clickedAt?: Instant | undefined;
  readonly source?: string | undefined;
  readonly subIds: SubIds;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly holdUntil?: Instant | undefined;
  /** Of the message that was decided. */
  readonly receiptId: string;
  readonly bodyHash: string;
  readonly version: number;
  readonly history: readonly LeadTransition[];
}

const MESSAGE_ACTIONS: ReadonlySet<LeadAction> = new Set(['decided', 'replaced', 'updated', 'revalued']);

/** Whether a transition was made by a message, and not by time or a person. */
export const isOfMessage = ({ action }: LeadTransition): boolean => MESSAGE_ACTIONS.has(action);

/** The last transition that a message made: the verdict as it was when the lead's message was decided, whatever happened since. */
export function originalVerdict(lead: Lead): Pick<LeadTransition, 'status' | 'reason'> {
  return lead.history.findLast(isOfMessage) ?? { status: lead.status, reason: lead.reason };
}

/** The verdict on one of the messages that made the lead what it is; undefined where the message is none of them. */
export function verdictOnMessage(lead: Lead, receiptId: string): Pick<LeadTransition, 'status' | 'reason'> | undefined {
  if (lead.receiptId === receiptId) return originalVerdict(lead);
  return lead.history.find((transition) => isOfMessage(transition) && transition.receiptId === receiptId);
}

/** Whether a lead waits for what a sender, a key or an endpoint, says next. */
export const awaitsSender = ({ status, evidence, toldBy }: Lead, sender: string): boolean =>
  status === 'pending' && evidence.sender === 'defers' && toldBy === sender;

/** Whether a lead is of the very conversion that is told. */
export const isOfConversion = (
  lead: Lead,
  told: Pick<Lead, 'campaignId' | 'event'> & { readonly transactionId?: string | undefined },
): boolean =>
  lead.campaignId === told.campaignId && lead.event === told.event && lead.transactionId === told.transactionId;

/** Whether it is the person who has yet to open the link that was mailed. */
export const awaitsOptIn = ({ status, reason }: Pick<LeadTransition, 'status' | 'reason'>): boolean =>
  status === 'pending' && reason === 'awaiting_opt_in';

/** Whether it has ended because the person did not open the link in time. */
export const hasExpired = ({ history }: Pick<Lead, 'history'>): boolean => history.at(-1)?.action === 'expired';

/** Whether the lead was ever confirmed, and so has a journal entry, even where it was reversed since. */
export function wasEverConfirmed(lead: Lead): boolean {
  return lead.history.some((transition) => transition.status === 'confirmed');
}

/** What a lead was priced at, whatever parts of it were taken back since. */
export function pricedAt({ chargeMinor, commissionMinor, history }: Pick<Lead, keyof Amounts | 'history'>): Amounts {
  const taken = takenBackIn(history);
  return { chargeMinor: chargeMinor + taken.chargeMinor, commissionMinor: commissionMinor + taken.commissionMinor };
}

/** What is left of a price once the parts of a history are taken back. */
export function lessParts({ chargeMinor, commissionMinor }: Amounts, history: Lead['history']): Amounts {
  const taken = takenBackIn(history);
  const less = (minor: bigint, takenMinor: bigint) => (minor > takenMinor ? minor - takenMinor : 0n);
  return {
    chargeMinor: less(chargeMinor, taken.chargeMinor),
    commissionMinor: less(commissionMinor, taken.commissionMinor),
  };
}

function takenBackIn(history: Lead['history']): Amounts {
  const parts = history.flatMap(({ takenBack }) => takenBack ?? []);
  return {
    chargeMinor: parts.reduce((sum, part) => sum + part.chargeMinor, 0n),
    commissionMinor: parts.reduce((sum, part) => sum + part.commissionMinor, 0n),
  };
}

/** How many transitions a lead takes from messages: a sender that keeps changing its story is told to stop. */
export const MAX_TRANSITIONS = 20;

/** Whether nobody was ever owed anything for a lead, and nobody will be: a person may give what it holds to another. */
export const isNeverBilled = (lead: Lead): boolean =>
  lead.status === 'rejected' && !wasEverConfirmed(lead) && lead.yieldedTo === undefined;

/** Whether two messages said the same of one thing: fields too, where a verdict looks at them. */
const saysTheSame = (lead: Lead, other: Lead): boolean =>
  lead.bodyHash === other.bodyHash && lead.evidence.fieldsHash === other.evidence.fieldsHash;

/**
 * Whether a lead gives way to what another message makes: the first try may have had a wrong click id, or a field missing, and who let the link
 * run out may ask for another. What a person rejected comes back for a person to decide, and never confirms itself.
 */
export function isReplaceable(lead: Lead, next: Lead): boolean {
  if (!isNeverBilled(lead)) return false;
  // Another lead takes its keys, and its own history grows no further: whoever filled that by asking again and again keeps nobody out.
  if (hasExpired(lead) && lead.leadId !== next.leadId) return true;
  if (lead.history.length >= MAX_TRANSITIONS) return false;
  if (hasExpired(lead)) return true;
  if (saysTheSame(lead, next)) return false;
  const last = lead.history.at(-1);
  const confirmsItself = next.status === 'confirmed' || (next.holdUntil !== undefined && !awaitsOptIn(next));
  return !confirmsItself || (last !== undefined && isOfMessage(last));
}

/** The history of a lead that another message is about to move: it names its messages itself, as the lead names the last alone. */
export const historyOfMessages = (lead: Lead): readonly LeadTransition[] => {
  const last = lead.history.findLast(isOfMessage);
  return lead.history.map((transition) =>
    transition === last ? { ...transition, receiptId: transition.receiptId ?? lead.receiptId } : transition,
  );
};
