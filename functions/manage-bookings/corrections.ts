import type * as z from 'zod';
import {
  type CorrectionView,
  correctionQuery,
  correctionToPropose,
  correctionToReject,
  MAX_DAYS_BACK,
} from '../../shared/contracts/corrections.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { amountIn, correctionId as correctionIdText } from '../../shared/contracts/primitives.ts';
import {
  ACCOUNTS_OF,
  type Correction,
  entryOfCorrection,
  type PartyAccount,
} from '../../shared/domain/corrections/correction.ts';
import { approveCorrection } from '../../shared/domain/corrections/transitions/approve-correction.ts';
import { rejectCorrection } from '../../shared/domain/corrections/transitions/reject-correction.ts';
import type { CorrectionDecision, CorrectionResult } from '../../shared/domain/corrections/transitions/transition.ts';
import { accountName, effectsOn } from '../../shared/domain/ledger/account.ts';
import { entryIdOf, keyOfEntryId } from '../../shared/domain/ledger/entry.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { type Day, dayOf, daysAfter, type Instant, startOfDay } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { CorrectionStore } from '../../shared/ports/corrections.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { findAccount } from '../../shared/runtime/find-account.ts';
import { type HttpEvent, type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { conflict, forbidden, invalidField, notFound } from '../../shared/runtime/problems.ts';

export interface CorrectionDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey' | 'advertiser' | 'affiliate'>;
  readonly corrections: Pick<CorrectionStore, 'create' | 'get' | 'list'>;
  readonly journal: Pick<JournalReader, 'find'>;
  readonly decideCorrection: (
    correctionId: string,
    transition: (correction: Correction) => CorrectionResult,
  ) => Promise<CorrectionResult | undefined>;
  readonly makeId: MakeId;
  readonly clock: Clock;
  readonly timeZone: string;
}

type Proposal = z.output<typeof correctionToPropose>;

/** Corrections by hand: one key proposes, another approves or rejects, whatever their roles. Nothing is booked before. */
export function correctionHandlers(dependencies: CorrectionDependencies): Record<string, HttpHandler> {
  const { catalog, corrections, decideCorrection, makeId, clock, timeZone } = dependencies;
  const authorised = (event: HttpEvent) => authenticate(catalog, event, ['operator', 'finance']);
  const view = (correction: Correction) => viewCorrection(correction, timeZone);

  const decide =
    (
      transition: (correction: Correction, decision: CorrectionDecision) => CorrectionResult,
      reasonIn: (event: HttpEvent) => string | undefined,
    ): HttpHandler =>
    async (event) => {
      const { kid } = await authorised(event);
      const correctionId = idIn(event);
      const decision = { kid, at: clock(), reason: reasonIn(event) };
      const result = await decideCorrection(correctionId, (correction) => transition(correction, decision));
      if (result === undefined) throw notFound('There is no such correction.');
      if (!result.ok) throw problemOf(result);
      return json(200, view(result.correction));
    };

  return {
    'POST /v1/corrections': async (event) => {
      const party = await authorised(event);
      const proposal = jsonBody(event, correctionToPropose);
      const { kind, currency, reason, externalId } = proposal;
      const account = await accountIn(dependencies, party, proposal);
      const amountMinor = amountOf(proposal);
      const proposedAt = clock();
      const occurredAt = countsAt(proposal.date, proposedAt, timeZone);
      const corrects = await corrected(dependencies, account, proposal);
      const correction: Correction = {
        correctionId: makeId('cor'),
        externalId,
        kind,
        account,
        amountMinor,
        currency,
        reason,
        corrects,
        occurredAt,
        status: 'proposed',
        proposedBy: party.kid,
        proposedAt,
      };
      const stored = await corrections.create(correction);
      if (stored.correctionId === correction.correctionId) return json(201, view(stored));
      if (!isSameProposal(stored, correction, proposal.date !== undefined)) {
        throw conflict('external-id-taken', `Another correction has the external id ${externalId}.`, {
          correctionId: stored.correctionId,
        });
      }
      return json(200, view(stored));
    },
    'GET /v1/corrections': async (event) => {
      await authorised(event);
      const { status, limit, cursor } = query(event, correctionQuery);
      const bound = ['corrections', status];
      const page = await corrections.list(status, limit, cursor === undefined ? undefined : readCursor(bound, cursor));
      return json(200, {
        items: page.items.map(view),
        nextCursor: page.position === undefined ? null : makeCursor(bound, page.position),
      });
    },
    'GET /v1/corrections/{correctionId}': async (event) => {
      await authorised(event);
      const correction = await corrections.get(idIn(event));
      if (correction === undefined) throw notFound('There is no such correction.');
      return json(200, view(correction));
    },
    'POST /v1/corrections/{correctionId}/approve': decide(approveCorrection, () => undefined),
    'POST /v1/corrections/{correctionId}/reject': decide(rejectCorrection, (event) =>
      event.body === undefined || event.body === '' ? undefined : jsonBody(event, correctionToReject).reason,
    ),
  };
}

/** Whether two corrections say the same, whoever proposed them and when; a day only counts where it was told. */
function isSameProposal(one: Correction, other: Correction, isDated: boolean): boolean {
  const said = ({ kind, account, amountMinor, currency, reason, corrects, occurredAt }: Correction): string =>
    JSON.stringify([
      kind,
      accountName(account),
      formatAmount(amountMinor, currency),
      currency,
      reason,
      corrects,
      isDated && occurredAt,
    ]);
  return said(one) === said(other);
}

/** What is no id is not looked for. */
function idIn(event: HttpEvent): string {
  const id = correctionIdText.safeParse(pathParameter(event, 'correctionId'));
  if (!id.success) throw notFound('There is no such correction.');
  return id.data;
}

async function accountIn(
  { catalog }: CorrectionDependencies,
  party: Party,
  { account: name, kind }: Proposal,
): Promise<PartyAccount> {
  const account = await findAccount(catalog, party, name);
  const kinds = ACCOUNTS_OF[kind];
  if (account.kind === 'network' || !kinds.includes(account.kind)) {
    throw invalidField(
      'account',
      `must be one of ${kinds.map((each) => `${each}:…`).join(' and ')} for the kind ${kind}`,
    );
  }
  return account;
}

function amountOf({ kind, amount, currency }: Proposal): bigint {
  const isNegative = amount.startsWith('-');
  if (isNegative && kind !== 'adjustment') {
    throw invalidField(
      'amount',
      `must not be negative: an adjustment takes away, a ${kind} says by its kind what it does`,
    );
  }
  const parsed = amountIn(isNegative ? amount.slice(1) : amount, currency);
  if ('message' in parsed) throw invalidField('amount', parsed.message);
  if (parsed.amountMinor === 0n) throw invalidField('amount', 'must not be zero');
  return isNegative ? -parsed.amountMinor : parsed.amountMinor;
}

/** The instant that a correction counts at: now, or when the day begins that it names. */
function countsAt(date: Day | undefined, now: Instant, timeZone: string): Instant {
  const today = dayOf(now, timeZone);
  if (date === undefined || date === today) return now;
  if (date > today) throw invalidField('date', `must not be after today, which is ${today}`);
  const first = daysAfter(today, -MAX_DAYS_BACK);
  if (date < first) throw invalidField('date', `must not be before ${first}`);
  return startOfDay(date, timeZone);
}

/** The id of the entry that a correction names. Throws 400 where it is not on the account, or in another currency. */
async function corrected(
  { catalog, journal }: CorrectionDependencies,
  account: PartyAccount,
  { corrects, currency }: Proposal,
): Promise<string | undefined> {
  if (corrects === undefined) return undefined;
  const { entryId, month, advertiserId } = corrects;
  let party = account.kind === 'receivable' ? account.advertiserId : account.affiliateId;
  if (advertiserId !== undefined) {
    const advertiser = await catalog.advertiser(advertiserId);
    if (advertiser === undefined) throw invalidField('corrects.advertiserId', 'is not known');
    party = advertiser.advertiserId;
  }
  const [entry] = await journal.find([{ party, month, ...keyOfEntryId(entryId) }]);
  const effects = entry === undefined ? [] : effectsOn(account, entry);
  if (effects.length === 0) {
    const whose = account.kind === 'payable' && advertiserId === undefined ? ' Is an advertiserId missing?' : '';
    throw invalidField('corrects.entryId', `is no entry of ${month} on ${accountName(account)}.${whose}`);
  }
  if (!effects.some((effect) => effect.currency === currency)) {
    throw invalidField('currency', `must be ${effects[0]?.currency}, as in the entry that it corrects`);
  }
  return entryId;
}

function problemOf({ fault, correction }: CorrectionResult & { readonly ok: false }) {
  if (fault === 'own') {
    return forbidden('A correction is approved or rejected by another key than the one that proposed it.');
  }
  return conflict('correction-decided', `The correction was ${correction.status} at ${correction.decidedAt}.`, {
    correctionStatus: correction.status,
  });
}

function viewCorrection(correction: Correction, timeZone: string): CorrectionView {
  const { correctionId, status, kind, account, amountMinor, currency, reason, corrects } = correction;
  return {
    correctionId,
    externalId: correction.externalId,
    status,
    kind,
    account: accountName(account),
    amount: formatAmount(amountMinor, currency),
    currency,
    reason,
    date: dayOf(correction.occurredAt, timeZone),
    corrects,
    proposedBy: correction.proposedBy,
    proposedAt: correction.proposedAt,
    decidedBy: correction.decidedBy,
    decidedAt: correction.decidedAt,
    decisionReason: correction.decisionReason,
    entryId: status === 'approved' ? entryIdOf(entryOfCorrection(correction, timeZone)) : undefined,
  };
}
