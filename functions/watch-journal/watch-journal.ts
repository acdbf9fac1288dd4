import type { DynamoDBStreamEvent } from 'aws-lambda';
import { isBillable } from '../../shared/domain/ledger/entry.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import type { LateMarkWriter, MonthRuns } from '../../shared/ports/billing.ts';

/** A change that must never be: what happened to which item. */
export interface JournalChange {
  readonly eventName: string;
  readonly partition: string;
  readonly entryId: string;
}

export interface WatchJournalDependencies {
  readonly runs: Pick<MonthRuns, 'get'>;
  readonly marks: LateMarkWriter;
  readonly onChanged: (change: JournalChange) => void;
}

const AFFILIATE_PREFIX = 'aff_';

/**
 * Watches what is written to the journal. An entry for documents of a month that is closing or closed sets the mark of its party's month, by
 * which the next close finds it; one of an affiliate's own does so in any month, as no close would look for it. Some marks turn out to be
 * for entries that were billed all the same. A changed or deleted entry is an alarm.
 *
 * The run is read after the entry was written: if it is not there yet, the close that begins later folds the entry.
 */
export function createWatchJournal({
  runs,
  marks,
  onChanged,
}: WatchJournalDependencies): (event: DynamoDBStreamEvent) => Promise<void> {
  return async ({ Records }) => {
    const posted = new Map<string, { party: string; month: Month }>();
    for (const { eventName, dynamodb } of Records) {
      const partition = dynamodb?.Keys?.['partition']?.S ?? '';
      const entryId = dynamodb?.Keys?.['entryId']?.S ?? '';
      const [, party = '', month = ''] = partition.split('#');
      const [, kind = ''] = entryId.split('#');
      if (eventName !== 'INSERT') onChanged({ eventName: eventName ?? 'unknown', partition, entryId });
      else if (isBillable(kind.toLowerCase())) posted.set(`${party}#${month}`, { party, month });
    }
    const isClosed = new Map<Month, boolean>();
    for (const { party, month } of posted.values()) {
      const closed = isClosed.get(month) ?? (await runs.get(month)) !== undefined;
      isClosed.set(month, closed);
      if (closed || party.startsWith(AFFILIATE_PREFIX)) await marks.mark(party, month);
    }
  };
}
