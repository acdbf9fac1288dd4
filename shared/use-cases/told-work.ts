import type { ConfirmedLeads } from '../ports/confirmed-leads.ts';
import type { JournalWriter } from '../ports/journal.ts';
import { createEraseContact } from './erase-contact.ts';
import { createFindLead, type FindLeadDependencies } from './find-lead.ts';
import { createPostEntries } from './post-entries.ts';
import { createRecordConversion, type RecordConversionDependencies } from './record-conversion.ts';
import { createTakeReturn } from './take-return.ts';
import { createTransitionLead, type TransitionLeadDependencies } from './transition-lead.ts';
import { createTryTold, type TryToldDependencies } from './try-told.ts';

/** The stores behind endpoints. Without `confirmedLeads` nothing can be returned whose terms limit the share of a month. */
export type ToldWorkStores = FindLeadDependencies &
  RecordConversionDependencies &
  Omit<TransitionLeadDependencies, 'takeReturn' | 'postEntries'> &
  Parameters<typeof createEraseContact>[0] &
  Omit<TryToldDependencies, 'findLead'> & {
    readonly journal: JournalWriter;
    readonly confirmedLeads?: ConfirmedLeads | undefined;
  };

/** All that is done with leads for what endpoints are told, in the request and behind the queue. */
export function createToldWork(stores: ToldWorkStores, timeZone: string) {
  const { journal, confirmedLeads } = stores;
  const findLead = createFindLead(stores);
  return {
    findLead,
    recordConversion: createRecordConversion(stores),
    transitionLead: createTransitionLead({
      ...stores,
      takeReturn: confirmedLeads && createTakeReturn({ ...stores, confirmedLeads, timeZone }),
      postEntries: createPostEntries({ journal, timeZone }),
    }),
    eraseContact: createEraseContact(stores),
    tryTold: createTryTold({ ...stores, findLead }),
  };
}
