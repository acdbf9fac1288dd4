import { journalShard } from '../../domain/ledger/entry.ts';
import type { Receipt } from '../../ports/receipts.ts';

/** How many partitions of the index hold an owner's receipts: all that arrives is a receipt while the store is away. */
export const RECEIPT_SHARDS = 4;

/** One of the partitions with the receipts of an advertiser, or of those whose advertiser is not known. */
export const receiptOwner = (advertiserId: string | undefined, shard: number): string =>
  `${advertiserId ?? '-'}#${shard}`;

/** The partition of the index that a receipt belongs in. */
export const ownerOfReceipt = ({ advertiserId, receiptId }: Receipt): string =>
  receiptOwner(advertiserId, journalShard(receiptId) % RECEIPT_SHARDS);
