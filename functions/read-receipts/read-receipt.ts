import { receiptId as receiptIdSchema } from '../../shared/contracts/primitives.ts';
import { receiptQuery, type ToldReceipt } from '../../shared/contracts/receipts.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { instantOf, monthOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { LeadReader } from '../../shared/ports/leads.ts';
import type { Receipt, ReceiptStore } from '../../shared/ports/receipts.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type HttpHandler, json, pathParameter, query } from '../../shared/runtime/http.ts';
import { timeOfId } from '../../shared/runtime/ids.ts';
import { notFound } from '../../shared/runtime/problems.ts';
import { isOwn, resolveScope, type Scope } from '../../shared/runtime/scope.ts';
import { receiptOfLead, tellReceipt } from '../../shared/use-cases/message-receipt.ts';
import type { SignReceipt } from '../../shared/use-cases/sign-receipt.ts';

export interface ReadReceiptDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey' | 'advertiser' | 'affiliate' | 'campaign'>;
  readonly leads: LeadReader;
  readonly receipts: Pick<ReceiptStore, 'get'>;
  readonly signReceipt: SignReceipt;
  readonly clock: Clock;
  readonly timeZone: string;
}

/** More than one owner's conversions of one millisecond. */
const LEADS_LOOKED_AT = 100;

const NOT_FOUND =
  'There is no receipt by this id, or it is not yours. A lead is found a moment after its verdict, or at once with leadId; an operator ' +
  'names leadId, advertiserId or affiliateId. A message that was answered 202 may have none until it is decided: its signed answer stands for it.';

/** Tells what stands for a message now, signed anew. Another's receipt is not there. */
export function createReadReceipt(dependencies: ReadReceiptDependencies): HttpHandler {
  const { catalog, leads, receipts, signReceipt, clock } = dependencies;
  return async (event) => {
    const party = await authenticate(catalog, event, ['operator', 'advertiser', 'affiliate']);
    const { leadId, ...filters } = query(event, receiptQuery);
    const scope = await resolveScope(catalog, party, filters);
    const receiptId = pathParameter(event, 'receiptId');
    if (!receiptIdSchema.safeParse(receiptId).success) throw notFound(NOT_FOUND);

    const kept = await receipts.get(receiptId);
    const lead =
      kept === undefined
        ? await leadMadeBy(dependencies, receiptId, leadId, scope)
        : kept.leadId === undefined
          ? undefined
          : await leads.get(kept.leadId);
    const receipt = kept ?? (lead === undefined ? undefined : receiptOfLead(lead));
    if (receipt === undefined || !isOwn(party, receipt)) throw notFound(NOT_FOUND);

    const told = withLead(receipt, lead !== undefined && isOwn(party, lead) ? lead : undefined);
    return json(200, { ...told, detail: receipt.detail, receipt: await signReceipt(told, clock()) });
  };
}

/**
 * The lead that a message made: by the lead's id, or among the leads of the moment that the receipt's id begins with. Nothing is written
 * for that: the index of leads is by owner and time.
 */
async function leadMadeBy(
  { leads, timeZone }: ReadReceiptDependencies,
  receiptId: string,
  leadId: string | undefined,
  { advertiserId, affiliateId }: Scope,
): Promise<Lead | undefined> {
  if (leadId !== undefined) {
    const lead = await leads.get(leadId);
    return lead?.receiptId === receiptId ? lead : undefined;
  }
  const owner = affiliateId !== undefined ? { affiliateId } : advertiserId !== undefined ? { advertiserId } : undefined;
  if (owner === undefined) return undefined;
  const atMs = timeOfId(receiptId);
  const from = instantOf(atMs);
  const listing = { owner, month: monthOf(from, timeZone), from, before: instantOf(atMs + 1) };
  const page = await leads.list(listing, LEADS_LOOKED_AT);
  return page.leads.find((lead) => lead.receiptId === receiptId);
}

/** What a receipt tells with what has become of its lead since. `lead` is absent where the reader may not know of it. */
function withLead(receipt: Receipt, lead: Lead | undefined): ToldReceipt {
  switch (receipt.outcome) {
    case 'decided': {
      // A rejected lead that gave way to another message tells of that one.
      const gaveWay = receipt.status === 'rejected' && lead?.receiptId !== receipt.receiptId;
      return tellReceipt(
        gaveWay || lead === undefined ? receipt : { ...receipt, status: lead.status, reason: lead.reason },
      );
    }
    case 'duplicate':
      return tellReceipt(
        { ...receipt, leadId: lead?.leadId, termsFrom: lead?.termsFrom },
        lead && { receiptId: lead.receiptId, status: lead.status, reason: lead.reason ?? null },
      );
    case 'conflict':
      return tellReceipt({ ...receipt, leadId: lead?.leadId });
    default:
      return tellReceipt(receipt);
  }
}
