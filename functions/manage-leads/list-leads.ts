import * as z from 'zod';
import { MAX_RANGE_DAYS } from '../../shared/contracts/day-range.ts';
import { leadListQuery, viewLead } from '../../shared/contracts/leads.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { contactNames } from '../../shared/contracts/postback.ts';
import { day } from '../../shared/contracts/primitives.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import {
  type Day,
  dayOf,
  daysInRange,
  later,
  monthsBetween,
  nextDay,
  startOfDay,
} from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { Contact, ContactStore, LeadListing, LeadReader } from '../../shared/ports/leads.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { CSV_MEDIA_TYPE, toCsv } from '../../shared/runtime/csv.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpHandler, type HttpResult, json, query } from '../../shared/runtime/http.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { resolveScope, type Scope } from '../../shared/runtime/scope.ts';

export interface ListLeadsDependencies {
  readonly catalog: CatalogReader;
  /** All advertisers: whose leads an operator sees who names nobody. */
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  readonly leads: LeadReader;
  readonly contacts: Pick<ContactStore, 'get'>;
  readonly clock: Clock;
  readonly timeZone: string;
}

type ListQuery = z.output<typeof leadListQuery>;

/** How many index queries one page costs at the most; where filters leave less than a page, the cursor leads on. */
const MAX_QUERIES_OF_PAGE = 30;

/** Lists leads, newest first within an owner: an advertiser's, an affiliate's, or for the operator everybody's. */
export function createListLeads(dependencies: ListLeadsDependencies): HttpHandler {
  return async (event) => {
    const party = await authenticate(dependencies.catalog, event, ['operator', 'finance', 'advertiser', 'affiliate']);
    const asked = query(event, leadListQuery);
    const scope = await resolveScope(dependencies.catalog, party, asked);
    const { advertiserId, affiliateId, campaignId } = scope;
    const bound = [party.kid, advertiserId, affiliateId, campaignId, asked.status, asked.from, asked.to];
    const start = asked.cursor === undefined ? undefined : positionIn(readCursor(bound, asked.cursor));
    // The pages of a query without days keep to those of the first page, though it is tomorrow by now.
    const days = start?.days ?? rangeOf(asked, dayOf(dependencies.clock(), dependencies.timeZone));
    const listings = await listingsOf(dependencies, scope, days, asked);
    const { leads, next } = await collect(dependencies.leads, listings, asked.limit, start?.place);
    const nextCursor = next === undefined ? null : makeCursor(bound, JSON.stringify([days.from, days.to, ...next]));
    if (asked.format === 'csv')
      return csv(leads, await contactsOf(dependencies.contacts, leads, party), party, nextCursor);
    return json(200, { items: leads.map((lead) => viewLead(lead, party.role)), nextCursor });
  };
}

/** The days asked for; by default the last 366 until today, or what of them the given end allows. */
function rangeOf({ from, to }: ListQuery, today: Day): { from: Day; to: Day } {
  const shifted = (from: Day, days: number) => later(`${from}T00:00:00.000Z`, days * 86_400_000).slice(0, 10);
  if (from === undefined) return { from: shifted(to ?? today, 1 - MAX_RANGE_DAYS), to: to ?? today };
  if (to !== undefined) return { from, to };
  const last = shifted(from, MAX_RANGE_DAYS - 1);
  return { from, to: last < today ? last : from > today ? from : today };
}

/** One listing for each owner and month that may hold leads, in the order they are shown. */
async function listingsOf(
  { allAdvertisers, timeZone }: ListLeadsDependencies,
  scope: Scope,
  days: { from: Day; to: Day },
  { status }: ListQuery,
): Promise<LeadListing[]> {
  const owners =
    scope.affiliateId !== undefined
      ? [{ affiliateId: scope.affiliateId }]
      : scope.advertiserId !== undefined
        ? [{ advertiserId: scope.advertiserId }]
        : (await allAdvertisers()).map(({ advertiserId }) => ({ advertiserId }));
  const range = { from: startOfDay(days.from, timeZone), before: startOfDay(nextDay(days.to), timeZone) };
  const months = monthsBetween(days.from.slice(0, 7), days.to.slice(0, 7)).reverse();
  return owners.flatMap((owner) =>
    months.map((month) => ({
      owner,
      month,
      ...range,
      campaignId: scope.campaignId,
      status,
      counterpartId: 'affiliateId' in owner ? scope.advertiserId : undefined,
    })),
  );
}

/** Where a page ended: in which listing, and where in it. */
type Place = readonly [listing: number, within: string | null];

const within = z.string().regex(/^[0-9T:.-]{23}Z#lead_[A-Za-z0-9_-]{22}$/);
const position = z.tuple([day, day, z.number().int().min(0), within.nullable()]);

const badCursor = () => invalidField('cursor', 'must be the nextCursor of the same query, unchanged');

function positionIn(cursor: string): { days: { from: Day; to: Day }; place: Place } {
  try {
    const [from, to, listing, within] = position.parse(JSON.parse(cursor));
    if (from <= to && daysInRange(from, to) <= MAX_RANGE_DAYS) return { days: { from, to }, place: [listing, within] };
  } catch {
    // Whoever writes a cursor by hand learns no more than who alters one.
  }
  throw badCursor();
}

async function collect(
  reader: LeadReader,
  listings: readonly LeadListing[],
  limit: number,
  start: Place = [0, null],
): Promise<{ leads: Lead[]; next: Place | undefined }> {
  const leads: Lead[] = [];
  let [index, within] = start;
  if (index > 0 && index >= listings.length) throw badCursor();
  for (let queries = 0; index < listings.length; queries += 1) {
    const listing = listings[index];
    if (listing === undefined) break;
    if (leads.length === limit || queries === MAX_QUERIES_OF_PAGE) return { leads, next: [index, within] };
    const page = await reader.list(listing, limit - leads.length, within ?? undefined);
    leads.push(...page.leads);
    within = page.position ?? null;
    if (within === null) index += 1;
  }
  return { leads, next: undefined };
}

/** The columns of contact data: the known ones on every page, then the custom fields that these leads have. */
function contactColumns(contacts: ReadonlyMap<string, Contact>): string[] {
  const found = new Set([...contacts.values()].flatMap(Object.keys));
  for (const name of contactNames) found.delete(name);
  return [...contactNames, ...[...found].sort()];
}

/** Contact data of the leads; undefined for those who may not read them: all but the advertiser and the operator. */
async function contactsOf(
  contacts: Pick<ContactStore, 'get'>,
  leads: readonly Lead[],
  party: Party,
): Promise<ReadonlyMap<string, Contact> | undefined> {
  if (party.role !== 'advertiser' && party.role !== 'operator') return undefined;
  const found = await Promise.all(leads.map(async (lead) => [lead.leadId, await contacts.get(lead.leadId)] as const));
  return new Map(found.flatMap(([leadId, contact]) => (contact === undefined ? [] : [[leadId, contact]])));
}

function csv(
  leads: readonly Lead[],
  contacts: ReadonlyMap<string, Contact> | undefined,
  party: Party,
  nextCursor: string | null,
): HttpResult {
  const rows = leads.map((lead) => {
    const { history: _history, amount, subIds, claim, ...view } = viewLead(lead, party.role);
    return {
      ...view,
      claim: claim ? 'true' : 'false',
      amount: amount?.amount ?? null,
      amountCurrency: amount?.currency ?? null,
      ...subIds,
      ...contacts?.get(lead.leadId),
    };
  });
  const text = (name: string) => ({ name, type: 'text' as const });
  const number = (name: string) => ({ name, type: 'number' as const });
  const columns = [
    ...[
      'leadId',
      'campaignId',
      'advertiserId',
      'affiliateId',
      'event',
      'transactionId',
      'status',
      'reason',
      'claim',
    ].map(text),
    ...(party.role === 'affiliate' ? [] : [number('charge')]),
    number('commission'),
    text('currency'),
    number('amount'),
    ...[
      'amountCurrency',
      'attributedBy',
      'clickId',
      'clickedAt',
      'source',
      'occurredAt',
      'receivedAt',
      'holdUntil',
      'receiptId',
    ].map(text),
    ...Array.from({ length: 10 }, (_, index) => text(`sub${index + 1}`)),
    ...(contacts === undefined ? [] : contactColumns(contacts)).map(text),
  ];
  return {
    statusCode: 200,
    headers: {
      'content-type': CSV_MEDIA_TYPE,
      'content-disposition': 'attachment; filename="leads.csv"',
      'cache-control': 'no-store',
      ...(nextCursor !== null && { 'x-next-cursor': nextCursor }),
    },
    body: toCsv(columns, rows),
  };
}
