import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { type ImportChunkMessage, importChunkMessage } from '../../shared/contracts/imports.ts';
import { type ConversionMessage, conversionMessage } from '../../shared/contracts/postback.ts';
import type { ReceiptStore } from '../../shared/ports/receipts.ts';
import { receiptOfLead, receiptOfRefusal } from '../../shared/use-cases/message-receipt.ts';
import type { Outcome } from '../../shared/use-cases/record-conversion.ts';

export interface DecidePostbacksDependencies {
  readonly recordConversion: (message: ConversionMessage) => Promise<Outcome>;
  readonly processImportChunk: (message: ImportChunkMessage) => Promise<unknown>;
  readonly receipts: Pick<ReceiptStore, 'put'>;
  /** Told of each message that will come again. */
  readonly onFailure: (messageId: string, error: unknown) => void;
}

const message = z.discriminatedUnion('kind', [conversionMessage, importChunkMessage]);

/**
 * Decides queued postbacks and chunks of imports. A message that fails comes again by itself and ends in the dead-letter queue; the
 * others of its batch are done. What was answered 202 and cannot be taken leaves a receipt that says why.
 */
export function createDecidePostbacks(
  dependencies: DecidePostbacksDependencies,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const decide = async (record: SQSRecord): Promise<void> => {
    try {
      const parsed = message.parse(JSON.parse(record.body));
      if (parsed.kind === 'import_chunk') await dependencies.processImportChunk(parsed);
      else await settle(dependencies, parsed);
    } catch (error) {
      dependencies.onFailure(record.messageId, error);
      throw error;
    }
  };
  // A processor remembers its batch: one for each invocation.
  return (event, context) =>
    processPartialResponse(event, decide, new BatchProcessor(EventType.SQS), {
      context,
      throwOnFullBatchFailure: false,
    });
}

async function settle(
  { recordConversion, receipts }: DecidePostbacksDependencies,
  postback: ConversionMessage,
): Promise<void> {
  const outcome = await recordConversion(postback);
  if (outcome.kind === 'decided') await receipts.put(receiptOfLead(outcome.lead));
  if (outcome.kind === 'refused') await receipts.put(receiptOfRefusal(postback, outcome));
}
