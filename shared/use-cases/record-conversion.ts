import { type ConversionMessage, OPT_IN_LINK } from '../contracts/postback.ts';
import { afterOptIn, isTrusted, judgeLead, recordedSender } from '../domain/leads/decide-lead.ts';
import type { DedupeBy } from '../domain/leads/dedupe.ts';
import {
  awaitsSender,
  historyOfMessages,
  isOfConversion,
  isOfMessage,
  isReplaceable,
  type Lead,
  lessParts,
  MAX_TRANSITIONS,
  verdictOnMessage,
} from '../domain/leads/lead.ts';
import { recordedInputs } from '../domain/leads/recorded-inputs.ts';
import { addSignals, updateLead } from '../domain/leads/update-lead.ts';
import { isSameMoney } from '../domain/money/money.ts';
import type { Digest } from '../ports/crypto.ts';
import { VersionConflict } from '../ports/errors.ts';
import type { LeadExtras, LeadStore } from '../ports/leads.ts';
import type { Receipt, ReceiptStore } from '../ports/receipts.ts';
import { receiptOfDecision, receiptOfLead, receiptOfRepeat } from './message-receipt.ts';
import { createReadSignals, type ReadSignalsDependencies } from './read-signals.ts';
import { type MadeLead, makeLead, transitionOf } from './record-conversion/make-lead.ts';
import { namesAnotherSource } from './record-conversion/names-another-source.ts';
import { remindPerson } from './record-conversion/remind-person.ts';
import {
  type Refusal,
  type ResolveConversionDependencies,
  type ResolvedConversion,
  resolveConversion,
  signalsOf,
} from './record-conversion/resolve-conversion.ts';
import { createWriteCounted, type WriteCounted, type WriteCountedDependencies } from './write-counted.ts';

export type { Refusal } from './record-conversion/resolve-conversion.ts';

export interface RecordConversionDependencies
  extends Omit<ResolveConversionDependencies, 'readSignals'>,
    ReadSignalsDependencies,
    WriteCountedDependencies {
  readonly leads: LeadStore;
  readonly receipts: ReceiptStore;
  readonly digest: Digest;
}

export type RecordOutcome =
  | { readonly kind: 'decided'; readonly lead: Lead }
  /** The lead is known, in a conflict with other content: `lead` stands, and only the receipt was written. */
  | { readonly kind: 'duplicate' | 'conflict'; readonly lead: Lead; readonly receipt: Receipt }
  | Refusal;

const MAX_ATTEMPTS = 4;

/**
 * Attributes, decides and stores a conversion: the one way to a lead, in the request and behind the queue. Doing it again with the
 * same message ends in the same lead. Throws StoreUnavailable where a store did not answer: then nothing is known, and the message
 * must come again.
 */
export function createRecordConversion(
  given: RecordConversionDependencies,
): (message: ConversionMessage) => Promise<RecordOutcome> {
  const dependencies: Dependencies = {
    ...given,
    readSignals: createReadSignals(given),
    writeCounted: createWriteCounted(given),
  };
  return async (message) => {
    const resolved = await resolveConversion(dependencies, message);
    if ('kind' in resolved) return resolved;
    const secrets = await dependencies.leadSecrets();
    const made = makeLead(resolved, judgeLead(resolved.inputs), message, secrets, dependencies.digest);
    return store(dependencies, { message, resolved, made });
  };
}

type Dependencies = RecordConversionDependencies &
  ResolveConversionDependencies & { readonly writeCounted: WriteCounted };

interface Recording {
  readonly message: ConversionMessage;
  readonly resolved: ResolvedConversion;
  readonly made: MadeLead;
}

async function store(dependencies: Dependencies, recording: Recording): Promise<RecordOutcome> {
  const { leads, receipts, writeCounted } = dependencies;
  const { message, made } = recording;
  const { campaign } = recording.resolved;
  const contact = contactOf(message);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const { result, settled } = await writeCounted(campaign, made.lead, undefined, ({ lead, counters }) =>
      leads.create(lead, made.keys, { contact, counters }),
    );
    if (result.created) return { kind: 'decided', lead: settled.lead };
    const { existing, by } = result;
    // My own earlier write, whose answer was lost, or what was to follow it.
    if (verdictOnMessage(existing, message.receiptId) !== undefined) {
      if (wasUpdatedBy(message, existing)) await remindPerson(leads, message, existing, true);
      return { kind: 'decided', lead: existing };
    }
    const isSaidAnew = await saysAnew(dependencies, recording, existing);
    const updates = isSaidAnew || isDecidedNow(recording, existing) || mayUpdate(recording, existing);
    const next = updates ? await updated(dependencies, recording, existing, isSaidAnew) : replaced(recording, existing);
    if (next === undefined) return repeat(dependencies, recording, existing, by);
    // From now on the lead tells of this message; of the one that made it, this is true whatever becomes of what follows.
    await receipts.put(receiptOfLead(existing));
    try {
      const addsContact = updates ? orderOf(message, existing) : undefined;
      const { settled: after } = await writeCounted(campaign, next, existing, ({ lead, counters }) =>
        leads.update(lead, { contact: updates ? withoutLink(contact) : contact, addsContact, counters }),
      );
      // An updated lead stays listed under the time of its first message: by its own, this one would not be found. And where a request that
      // was answered 202 goes on and replaces the lead, the worker may have taken its message for a duplicate.
      await receipts.put(receiptOfDecision(message, after.lead));
      if (updates) await remindPerson(leads, message, after.lead, true);
      return { kind: 'decided', lead: after.lead };
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
  throw new VersionConflict(`${made.lead.leadId} changes faster than it can be replaced`);
}

/** Contact data, and what tells of the visitor: kept alike. */
function contactOf({ conversion: { contact, signals } }: ConversionMessage): LeadExtras['contact'] {
  const kept = { ...contact, ...signals };
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** The link that was mailed stays that of the message which made the lead. */
function withoutLink(contact: LeadExtras['contact']): LeadExtras['contact'] {
  if (contact === undefined) return undefined;
  const { [OPT_IN_LINK]: _link, ...said } = contact;
  return said;
}

/** Whether a message is the last that moved a lead, and added to what was there. */
const wasUpdatedBy = ({ receiptId }: ConversionMessage, lead: Lead): boolean =>
  lead.receiptId === receiptId && lead.history.findLast(isOfMessage)?.action === 'updated';

const orderOf = (message: ConversionMessage, existing: Lead): 'newer' | 'older' =>
  message.receivedAt >= existing.receivedAt ? 'newer' : 'older';

/**
 * Puts a new verdict in the place of a rejected lead that was never billed, less what was taken back of it; undefined where the lead stands as
 * it is.
 */
function replaced({ made: { lead } }: Recording, existing: Lead): Lead | undefined {
  // A lead under keys of its own is never replaced in its place: a rejected one gives way when its keys are taken.
  if (existing.leadId !== lead.leadId || !isReplaceable(existing, lead)) return undefined;
  const version = existing.version + 1;
  const history = [...historyOfMessages(existing), transitionOf(version, 'replaced', lead, lead.receivedAt)];
  return { ...lead, ...lessParts(lead, existing.history), version, history };
}

/** Whether a message says that its sender has decided what it had put off: the campaign's confirmation mode takes over. */
const isDecidedNow = ({ resolved: { inputs }, made: { lead } }: Recording, existing: Lead): boolean =>
  inputs.sender === 'decides' &&
  existing.evidence.sender === 'defers' &&
  existing.status === 'pending' &&
  existing.bodyHash === lead.bodyHash;

/**
 * Whether a message says anew what a conversion is worth on which its sender had not decided, or decides on it and leaves out some of what
 * it said before. What was sent earlier says nothing anew, however late it comes.
 */
async function saysAnew(
  dependencies: Dependencies,
  { message, resolved: { inputs }, made: { lead } }: Recording,
  existing: Lead,
): Promise<boolean> {
  const { amount } = inputs.conversion;
  const isRevalued = amount !== undefined && !isSameMoney(amount, existing.amount);
  return (
    awaitsSender(existing, message.party.kid) &&
    isOfConversion(existing, lead) &&
    (inputs.sender === 'decides' || (inputs.sender === 'defers' && isRevalued)) &&
    message.receivedAt >= existing.receivedAt &&
    existing.history.length < MAX_TRANSITIONS &&
    !(await namesAnotherSource(dependencies, existing, {
      ...message.conversion,
      affiliate: inputs.namedAffiliateId,
    }))
  );
}

/** Whether a message may add to the lead that it meets. */
function mayUpdate({ resolved: { campaign, inputs }, made: { lead } }: Recording, existing: Lead): boolean {
  return (
    campaign.dedupe.repeat === 'update_pending' &&
    existing.status === 'pending' &&
    existing.campaignId === campaign.campaignId &&
    existing.claimant === lead.claimant &&
    existing.history.length < MAX_TRANSITIONS &&
    existing.evidence.fieldsHash !== lead.evidence.fieldsHash &&
    // Nobody but the advertiser adds to what another affiliate brought.
    (isTrusted(inputs.sender) || existing.affiliateId === lead.affiliateId)
  );
}

/** The lead with what a message adds to it or says anew, judged again by the terms that it was decided by. */
async function updated(
  dependencies: Dependencies,
  recording: Recording,
  existing: Lead,
  isSaidAnew: boolean,
): Promise<Lead> {
  const { message, resolved, made } = recording;
  const { campaign } = resolved;
  const { affiliateId, campaignId } = existing;
  const versions = affiliateId === undefined ? [] : await dependencies.catalog.affiliateTerms(campaignId, affiliateId);
  const recorded = recordedInputs(existing, campaign, versions);
  const { terms, attribution } = recorded;
  const optedIn = existing.history.some(({ action }) => action === 'opted_in');
  const waiting = isSaidAnew || isDecidedNow(recording, existing) ? resolved.inputs.sender : recorded.sender;
  const sender = optedIn ? afterOptIn(waiting) : waiting;
  const added = await signalsOf(dependencies, message, attribution, campaign, terms);
  const { signals: known } = existing.evidence;
  const signals =
    orderOf(message, existing) === 'newer'
      ? addSignals(known, added, message.receivedAt)
      : addSignals(added, known, existing.receivedAt);
  const { receiptId, receivedAt } = message;
  const evidence = { sender: recordedSender(sender), signals, fieldsHash: made.lead.evidence.fieldsHash };
  const { amount = existing.amount } = isSaidAnew ? resolved.inputs.conversion : existing;
  const judgement = judgeLead({ ...recorded, sender, signals, conversion: { ...recorded.conversion, amount } });
  const said = isSaidAnew ? { amount, bodyHash: made.lead.bodyHash } : undefined;
  return updateLead(existing, judgement, { receiptId, receivedAt, evidence, said });
}

/** A lead that was met and stands: the message is its repeat, or says something else of the same transaction. */
async function repeat(
  { leads, receipts }: RecordConversionDependencies,
  { message, made }: Recording,
  existing: Lead,
  by: DedupeBy,
): Promise<RecordOutcome> {
  const isSame = existing.bodyHash === made.lead.bodyHash;
  const kind = isSame || by !== 'transaction_id' ? 'duplicate' : 'conflict';
  const receipt = receiptOfRepeat(message, made.lead, kind, existing.leadId, by);
  await receipts.put(receipt);
  if (kind === 'duplicate') await remindPerson(leads, message, existing, false);
  return { kind, lead: existing, receipt };
}
