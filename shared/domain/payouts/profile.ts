import type { Instant } from '../time/calendar.ts';
import { later } from '../time/calendar.ts';
import { isSamePayee, type Payee } from './payee.ts';

const DAY_MS = 86_400_000;

/** How long a change of bank details waits for somebody to look at it before it holds by itself. */
export const REVIEW_DAYS = 7;

/** By which key something was done. */
export interface Actor {
  readonly role: 'operator' | 'finance' | 'affiliate';
  readonly kid: string;
}

/** When an affiliate is paid. */
export interface PayoutTerms {
  /** What must be payable at the least, in minor units. */
  readonly thresholdMinor: bigint;
  /** How long money is held, from the issue of its statement. */
  readonly holdMs: number;
  /** When a statement is due, from its issue. Money is paid once it is due and no longer held. */
  readonly netMs: number;
}

export const DEFAULT_TERMS: PayoutTerms = { thresholdMinor: 0n, holdMs: 0, netMs: 0 };

/** A payee that waits for review. */
export interface ProposedPayee {
  readonly payee: Payee;
  readonly by: Actor;
  readonly at: Instant;
}

/** How an affiliate is paid in a currency. Every change makes the next version. */
export interface PayoutProfile {
  readonly affiliateId: string;
  readonly currency: string;
  readonly version: number;
  /** What was reviewed. */
  readonly payee?: Payee | undefined;
  readonly proposed?: ProposedPayee | undefined;
  readonly terms: PayoutTerms;
}

export type ProfileAction = 'proposed' | 'withdrawn' | 'approved' | 'rejected' | 'terms';

/** What is kept of a change, for ever. */
export interface ProfileRecord {
  readonly affiliateId: string;
  readonly currency: string;
  readonly version: number;
  readonly action: ProfileAction;
  readonly by: Actor;
  readonly at: Instant;
  /** The payee that was proposed, approved, rejected or withdrawn. */
  readonly payee?: Payee | undefined;
  readonly terms: PayoutTerms;
  readonly reason?: string | undefined;
}

export interface ProfileChange {
  readonly profile: PayoutProfile;
  readonly record: ProfileRecord;
}

/** Where an affiliate's money may be sent at an instant: nowhere as long as a change waits for review. */
export type Payability =
  | { readonly status: 'ready'; readonly payee: Payee }
  | { readonly status: 'pending_review'; readonly until: Instant }
  | { readonly status: 'no_method' };

/** The instant from which a proposed payee holds, though nobody looked at it. */
export const reviewEnd = ({ at }: ProposedPayee): Instant => later(at, REVIEW_DAYS * DAY_MS);

/** A profile as it is at an instant: what nobody objected to in time is what holds. */
export function profileAt(profile: PayoutProfile, now: Instant): PayoutProfile {
  const { proposed } = profile;
  if (proposed === undefined || now < reviewEnd(proposed)) return profile;
  return { ...profile, payee: proposed.payee, proposed: undefined };
}

export function payability(profile: PayoutProfile | undefined, now: Instant): Payability {
  const { payee, proposed } = profile === undefined ? {} : profileAt(profile, now);
  if (proposed !== undefined) return { status: 'pending_review', until: reviewEnd(proposed) };
  return payee === undefined ? { status: 'no_method' } : { status: 'ready', payee };
}

/**
 * What comes of giving a payee, and maybe terms. A payee waits for review, also the first one; the one that was reviewed
 * takes back what waits. undefined where nothing changes, as the same was said before.
 */
export function putProfile(
  before: PayoutProfile | undefined,
  given: {
    readonly affiliateId: string;
    readonly currency: string;
    readonly payee: Payee;
    readonly terms?: Partial<PayoutTerms> | undefined;
  },
  by: Actor,
  now: Instant,
): ProfileChange | undefined {
  const { affiliateId, currency, payee } = given;
  const held = before === undefined ? undefined : profileAt(before, now);
  const terms = { ...(held?.terms ?? DEFAULT_TERMS), ...given.terms };
  const action = actionOf(held, payee, terms);
  if (action === undefined) return undefined;
  const proposed = action === 'proposed' ? { payee, by, at: now } : action === 'withdrawn' ? undefined : held?.proposed;
  return changed(
    { affiliateId, currency, version: held?.version ?? 0, payee: held?.payee, proposed, terms },
    { action, by, at: now, payee },
  );
}

function actionOf(
  held: PayoutProfile | undefined,
  payee: Payee,
  terms: PayoutTerms,
): Extract<ProfileAction, 'proposed' | 'withdrawn' | 'terms'> | undefined {
  const isSame = (other: Payee | undefined) => other !== undefined && isSamePayee(other, payee);
  if (held?.proposed !== undefined && isSame(held.payee)) return 'withdrawn';
  if (!isSame(held?.proposed?.payee ?? held?.payee)) return 'proposed';
  return held === undefined || isSameTerms(held.terms, terms) ? undefined : 'terms';
}

const isSameTerms = (left: PayoutTerms, right: PayoutTerms): boolean =>
  left.thresholdMinor === right.thresholdMinor && left.holdMs === right.holdMs && left.netMs === right.netMs;

export type ReviewFault = 'other_version' | 'nothing_proposed' | 'own_proposal';

/**
 * Decides on a proposed payee: approves or rejects it. Refused where another version is meant than the one that is there, where
 * nothing waits, or, for an approval, where the key is the one that proposed it.
 */
export function reviewProposal(
  before: PayoutProfile,
  decision: {
    readonly action: 'approved' | 'rejected';
    readonly version: number;
    readonly reason?: string | undefined;
  },
  by: Actor,
  now: Instant,
): ProfileChange | { readonly fault: ReviewFault } {
  const held = profileAt(before, now);
  const { proposed } = held;
  if (decision.version !== held.version) return { fault: 'other_version' };
  if (proposed === undefined) return { fault: 'nothing_proposed' };
  if (decision.action === 'approved' && proposed.by.kid === by.kid) return { fault: 'own_proposal' };
  const { payee } = proposed;
  return changed(
    { ...held, proposed: undefined, ...(decision.action === 'approved' && { payee }) },
    { action: decision.action, by, at: now, payee, reason: decision.reason },
  );
}

function changed(
  profile: PayoutProfile,
  record: Omit<ProfileRecord, 'affiliateId' | 'currency' | 'version' | 'terms'>,
): ProfileChange {
  const { affiliateId, currency, terms } = profile;
  const version = profile.version + 1;
  return { profile: { ...profile, version }, record: { affiliateId, currency, version, terms, ...record } };
}
