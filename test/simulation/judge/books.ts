import { isKeyHolder, leadFromItem } from '../../../shared/adapters/dynamodb/lead-item.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import type { Engine } from '../engine/engine.ts';

export interface StoredLeg {
  readonly account: string;
  readonly amountMinor: number | bigint;
  /** Where it is not the entry's. */
  readonly currency?: string;
}

/** An entry as it stands in the journal. */
export interface StoredEntry {
  /** `J#party#month#shard`. */
  readonly partition: string;
  readonly entryId: string;
  readonly kind: string;
  readonly currency: string;
  readonly legs: readonly StoredLeg[];
}

export interface StoredReceipt {
  readonly receiptId: string;
  readonly outcome: string;
  readonly leadId?: string;
}

/** What all tables hold in the end. */
export interface Books {
  readonly leads: ReadonlyMap<string, Lead>;
  readonly entries: readonly StoredEntry[];
  readonly receipts: ReadonlyMap<string, StoredReceipt>;
}

export function readBooks(engine: Engine): Books {
  const leads = new Map<string, Lead>();
  for (const item of engine.itemsOf('Leads')) {
    if (!isKeyHolder(item)) leads.set(item['leadId'] as string, leadFromItem(item));
  }
  const receipts = new Map<string, StoredReceipt>();
  for (const item of engine.itemsOf('Receipts')) {
    receipts.set(item['receiptId'] as string, item as unknown as StoredReceipt);
  }
  return { leads, entries: [...(engine.itemsOf('Journal') as Iterable<unknown>)] as StoredEntry[], receipts };
}
