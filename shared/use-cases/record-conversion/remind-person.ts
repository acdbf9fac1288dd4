import type { ConversionMessage } from '../../contracts/postback.ts';
import type { Lead } from '../../domain/leads/lead.ts';
import { remind } from '../../domain/leads/transitions/remind.ts';
import { VersionConflict } from '../../ports/errors.ts';
import type { LeadStore } from '../../ports/leads.ts';

/**
 * Has the person of a waiting lead mailed again, where a form met the lead: `saysMore` where it added to it. Done again with the same message
 * it changes nothing. Throws StoreUnavailable.
 */
export async function remindPerson(
  leads: Pick<LeadStore, 'update'>,
  { defers, receiptId, receivedAt }: ConversionMessage,
  lead: Lead,
  saysMore: boolean,
): Promise<void> {
  const next = defers === 'opt_in' ? remind(lead, { receiptId, receivedAt, saysMore }) : undefined;
  if (next === undefined) return;
  try {
    await leads.update(next);
  } catch (error) {
    // Whoever has moved it meanwhile: the person, or the same form sent twice at once.
    if (!(error instanceof VersionConflict)) throw error;
  }
}
