import { erasePersonalData } from '../domain/leads/erase-personal-data.ts';
import type { Lead } from '../domain/leads/lead.ts';
import { VersionConflict } from '../ports/errors.ts';
import type { ContactStore, LeadStore } from '../ports/leads.ts';

const MAX_ATTEMPTS = 4;

/**
 * Erases the contact data of a lead, and what its verdict has recorded of them in the clear. A second time does nothing. Throws
 * StoreUnavailable, and VersionConflict where others keep changing the lead: then some of it may be left, and it must be asked for again.
 */
export function createEraseContact({
  contacts,
  leads,
}: {
  readonly contacts: Pick<ContactStore, 'erase'>;
  readonly leads: Pick<LeadStore, 'get' | 'update'>;
}): (lead: Lead) => Promise<void> {
  return async (lead) => {
    await contacts.erase(lead.leadId);
    let current: Lead = lead;
    for (let attempt = 1; ; attempt += 1) {
      const erased = erasePersonalData(current);
      if (erased === undefined) return;
      try {
        await leads.update(erased);
        return;
      } catch (error) {
        if (!(error instanceof VersionConflict) || attempt === MAX_ATTEMPTS) throw error;
        current = (await leads.get(lead.leadId)) ?? current;
      }
    }
  };
}
