import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { type ImportChunkMessage, importChunkMessage } from '../../shared/contracts/imports.ts';
import { type ConversionMessage, conversionMessage } from '../../shared/contracts/postback.ts';
import type { ReceiptStore } from '../../shared/ports/receipts.ts';
import { createQueueWorker } from '../../shared/runtime/queue-worker.ts';
import { receiptOfDecision, receiptOfRefusal, receiptOfSender } from '../../shared/use-cases/message-receipt.ts';
import type { RecordOutcome } from '../../shared/use-cases/record-conversion.ts';

export interface DecidePostbacksDependencies {
  readonly recordConversion: (message: ConversionMessage) => Promise<RecordOutcome>;
  readonly processImportChunk: (message: ImportChunkMessage) => Promise<unknown>;
  readonly receipts: Pick<ReceiptStore, 'put'>;
  /** How often a message is tried before it is a dead letter. */
  readonly maxReceiveCount: number;
  /** Told of each message that will come again. */
  readonly onFailure: (messageId: string, error: unknown) => void;
}

const message = z.discriminatedUnion('kind', [conversionMessage, importChunkMessage]);

/**
 * Decides queued postbacks and chunks of imports. A message that fails comes again by itself and ends in the dead-letter queue; the
 * others of its batch are done. What was answered 202 leaves a receipt of what came of it; while it is a dead letter, that says so.
 */
export function createDecidePostbacks(
  dependencies: DecidePostbacksDependencies,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return createQueueWorker({
    schema: message,
    work: (parsed, { attributes }) =>
      parsed.kind === 'import_chunk'
        ? dependencies.processImportChunk(parsed)
        : settle(dependencies, parsed, Number(attributes.ApproximateReceiveCount)),
    onFailure: dependencies.onFailure,
  });
}

/** Decides a postback on its n-th try. Everything it writes may be written again: a message may come twice, and after it was settled. */
async function settle(
  { recordConversion, receipts, maxReceiveCount }: DecidePostbacksDependencies,
  postback: ConversionMessage,
  receiveCount: number,
): Promise<void> {
  try {
    const outcome = await recordConversion(postback);
    // Where another message has moved the lead since, it has left the receipt of this one, as it was then.
    if (outcome.kind === 'decided' && outcome.lead.receiptId === postback.receiptId) {
      await receipts.put(receiptOfDecision(postback, outcome.lead));
    }
    if (outcome.kind === 'refused') await receipts.put(receiptOfRefusal(postback, outcome));
  } catch (error) {
    if (receiveCount >= maxReceiveCount) {
      // Where the store takes this no more than the rest, the receipt goes on saying `queued`; the alarm is on the queue itself.
      await receipts.put({ ...receiptOfSender(postback), outcome: 'dead_lettered' }).catch(() => undefined);
    }
    throw error;
  }
}
