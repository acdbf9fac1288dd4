import type { Conversion, ConversionMessage } from '../contracts/postback.ts';
import type { Attribution } from '../domain/attribution/attribute.ts';
import type { Campaign, Terms } from '../domain/catalog/campaign.ts';
import type { Dedupe, DedupeValues } from '../domain/leads/dedupe.ts';
import type { SubIds } from '../domain/leads/lead.ts';
import type { Check, CheckKind, CheckOf } from '../domain/qualification/check.ts';
import { countName, mostWithin } from '../domain/qualification/counts.ts';
import { networkOf } from '../domain/qualification/ip-network.ts';
import { checksOf } from '../domain/qualification/limits.ts';
import { MAX_FIELD_CHARACTERS, type Signals } from '../domain/qualification/signals.ts';
import { millisecondsOf } from '../domain/time/calendar.ts';
import type { ContactChecks } from '../ports/contact-checks.ts';
import type { LeadSecrets } from '../ports/crypto.ts';
import type { VelocityStore } from '../ports/velocity.ts';

export interface ReadSignalsDependencies {
  readonly contactChecks: ContactChecks;
  readonly velocity: VelocityStore;
  readonly leadSecrets: () => Promise<LeadSecrets>;
}

/**
 * Finds out what the rules and the score of terms look at; nothing else is looked at, and nothing else is recorded. Counts the lead,
 * where they ask for it, once however often it is read; and its request anew each time. Throws StoreUnavailable.
 */
export type ReadSignals = (
  message: SignalMessage,
  attribution: Attribution,
  campaign: Pick<Campaign, 'campaignId' | 'dedupe'>,
  terms: Pick<Terms, 'rules' | 'scoring'>,
) => Promise<Signals>;

type SignalMessage = Pick<ConversionMessage, 'conversion' | 'occurredAt' | 'receivedAt' | 'receiptId'>;

interface SignalInputs {
  readonly checks: readonly Check[];
  readonly message: SignalMessage;
  readonly attribution: Attribution;
  readonly campaign: Pick<Campaign, 'campaignId' | 'dedupe'>;
}

export const createReadSignals =
  (dependencies: ReadSignalsDependencies): ReadSignals =>
  (message, attribution, campaign, { rules, scoring }) =>
    read(dependencies, { checks: checksOf(rules, scoring), message, attribution, campaign });

async function read(dependencies: ReadSignalsDependencies, inputs: SignalInputs): Promise<Signals> {
  const { checks, message, attribution } = inputs;
  const { contactChecks } = dependencies;
  const { contact, signals: visitor = {}, subIds } = message.conversion;
  const { email, phone } = contact;
  const { country, user_agent: userAgent, form_seconds: formSeconds } = visitor;
  const kinds = new Set(checks.map(({ kind }) => kind));
  const asks = (...of: readonly CheckKind[]) => of.some((kind) => kinds.has(kind));
  const listed = new Set(ofKinds(checks, 'allow_list', 'deny_list').map(({ of }) => of));
  const countsAffiliate = ofKinds(checks, 'rate').some(({ of }) => of === 'affiliate');
  const asksEmail = asks('email_syntax', 'email_not_disposable') || listed.has('email_domain');

  const [emailSignal, phoneSignal, counted] = await Promise.all([
    email !== undefined && asksEmail ? contactChecks.email(email) : undefined,
    phone !== undefined && asks('phone') ? contactChecks.phone(phone, country ?? homeOfNumbers(checks)) : undefined,
    asks('repeat', 'rate') ? count(dependencies, inputs) : undefined,
  ]);
  return {
    occurredAt: message.occurredAt,
    clickedAt: attribution.clickedAt,
    source: listed.has('source') ? attribution.source : undefined,
    affiliateId: listed.has('affiliate_id') || countsAffiliate ? attribution.affiliateId : undefined,
    subIds: picked({ ...attribution.subIds, ...subIds }, listed),
    given: givenOf(message.conversion, attribution.subIds, checks),
    fields: picked(contact, fieldsOf(checks), shortened),
    country: asks('allowed_countries') ? country : undefined,
    email: emailSignal,
    phone: phoneSignal,
    userAgent: userAgent !== undefined && asks('not_bot') ? agentOf(contactChecks.isBot(userAgent)) : undefined,
    formSeconds: formSeconds !== undefined && asks('form_time') ? Number.parseInt(formSeconds, 10) : undefined,
    consent: asks('consent') ? consentOf(visitor) : undefined,
    ...counted,
  };
}

const agentOf = (isBot: boolean): Signals['userAgent'] => (isBot ? 'bot' : 'browser');

/** Numbers without a country code are dialled where the lead is from, or else in the first country that a rule names. */
const homeOfNumbers = (checks: readonly Check[]): string | undefined =>
  ofKinds(checks, 'phone').flatMap(({ countries = [] }) => countries)[0];

function ofKinds<Kind extends CheckKind>(checks: readonly Check[], ...kinds: readonly Kind[]): CheckOf<Kind>[] {
  return checks.filter((check): check is CheckOf<Kind> => (kinds as readonly CheckKind[]).includes(check.kind));
}

const fieldsOf = (checks: readonly Check[]): ReadonlySet<string> =>
  new Set(ofKinds(checks, 'field_type', 'allowed_values').map(({ field }) => field));

/** The values of a record under some names; undefined where there are none. */
function picked(
  record: Readonly<Record<string, string>>,
  names: ReadonlySet<string>,
  change = (text: string) => text,
): Record<string, string> | undefined {
  const found = Object.entries(record).filter(([name]) => names.has(name));
  return found.length === 0 ? undefined : Object.fromEntries(found.map(([name, text]) => [name, change(text)]));
}

const shortened = (text: string): string =>
  text.length <= MAX_FIELD_CHARACTERS ? text : `${text.slice(0, MAX_FIELD_CHARACTERS)}…`;

/** Of the parameters that must be given, or must not be: those that were. Undefined where nothing asks. */
function givenOf(
  { contact, signals, subIds, amount, promoCode }: Conversion,
  clickSubIds: SubIds,
  checks: readonly Check[],
): readonly string[] | undefined {
  const asked = [
    ...ofKinds(checks, 'required_fields').flatMap(({ fields }) => fields),
    ...ofKinds(checks, 'honeypot').map(({ field }) => field),
  ];
  if (asked.length === 0) return undefined;
  const sent: Readonly<Record<string, string | undefined>> = {
    ...clickSubIds,
    ...subIds,
    ...contact,
    ...signals,
    amount,
    promo_code: promoCode,
  };
  return [...new Set(asked)].filter((name) => sent[name] !== undefined).sort();
}

function consentOf(visitor: Readonly<Record<string, string>>): readonly ('url' | 'token')[] | undefined {
  const found = (['url', 'token'] as const).filter((proof) => visitor[`consent_${proof}`] !== undefined);
  return found.length === 0 ? undefined : found;
}

/** What the campaign knows a lead by, so that one that is sent again is not counted as another; else its message. */
function identityOf({ conversion, receiptId }: SignalMessage, { clickId }: Attribution, { by }: Dedupe): string[] {
  const values: DedupeValues = {
    transaction_id: conversion.transactionId,
    email: conversion.contact['email']?.toLowerCase(),
    phone: conversion.contact['phone'],
    click: clickId,
    visitor: conversion.signals?.['visitor_id'],
  };
  const known = by.find((name) => values[name] !== undefined);
  return known === undefined ? ['message', receiptId] : [known, values[known] ?? ''];
}

/** Counts the lead among others of its IP address and device, and its request among those of the minute, as far as checks ask. */
async function count(
  { velocity, leadSecrets }: ReadSignalsDependencies,
  { checks, campaign, message, attribution }: SignalInputs,
): Promise<Pick<Signals, 'ip' | 'device' | 'counts'>> {
  const { fingerprint } = await leadSecrets();
  const { campaignId } = campaign;
  const { conversion, occurredAt, receivedAt } = message;
  const { ip: address, device_id: deviceId } = conversion.signals ?? {};
  const asked = ofKinds(checks, 'repeat', 'rate');
  const mark = (of: string, text: string | undefined) =>
    text !== undefined && asked.some((check) => check.of === of) ? fingerprint([of, campaignId, text]) : undefined;
  const marks = {
    ip: mark('ip', address && networkOf(address)),
    device: mark('device', deviceId),
    affiliate: attribution.affiliateId,
  };
  const counts: Record<string, number> = {};
  const lateMs = Math.max(millisecondsOf(receivedAt) - millisecondsOf(occurredAt), 0);

  async function countLeads(of: 'ip' | 'device'): Promise<void> {
    const checksOfIt = ofKinds(checks, 'repeat').filter((check) => check.of === of);
    if (checksOfIt.length === 0 || marks[of] === undefined) return;
    const { ownAt, times } = await velocity.remember(`${campaignId}#${of}#${marks[of]}`, {
      leadKey: fingerprint([
        'lead',
        campaignId,
        conversion.event,
        ...identityOf(message, attribution, campaign.dedupe),
      ]),
      at: occurredAt,
      // From now on: those that it is counted with are kept together, and may be younger.
      keptMs: Math.max(...checksOfIt.map(({ periodMs }) => periodMs)) + lateMs,
    });
    for (const check of checksOfIt) counts[countName(check)] = mostWithin(times, ownAt, check.periodMs);
  }

  async function countRequests(of: 'ip' | 'affiliate'): Promise<void> {
    const check = ofKinds(checks, 'rate').find((rate) => rate.of === of);
    if (check === undefined || marks[of] === undefined) return;
    counts[countName(check)] = await velocity.countRequest(`${campaignId}#${of}#${marks[of]}`, receivedAt);
  }

  await Promise.all([countLeads('ip'), countLeads('device'), countRequests('ip'), countRequests('affiliate')]);
  return { ip: marks.ip, device: marks.device, counts };
}
