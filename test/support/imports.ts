import type { ImportChunkMessage } from '../../shared/contracts/imports.ts';
import type { ChunkResult, ImportRecord, OpenImport } from '../../shared/domain/imports/progress.ts';
import type { ClickRow, ConversionRow, FailedLine, ImportRow } from '../../shared/domain/imports/rows.ts';
import type { ChunkFiles } from '../../shared/ports/chunk-files.ts';
import type { ImportStore } from '../../shared/ports/imports.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { NOW } from './builders.ts';

/** Import ids rise with their number, as those of imports accepted one after another do. */
export const importIdOf = (number: number): string => `imp_01JD3Y8Q5T9Z6V2K4M7N1P${number.toString().padStart(4, '0')}`;
export const IMPORT_ID = importIdOf(1);

export const clickRow = (changes: Partial<ClickRow> = {}): ClickRow => ({
  type: 'click',
  line: 2,
  at: '2025-11-10T09:30:00.000Z',
  campaign: 'ext:shop',
  affiliate: 'ext:traffic-1',
  clickRef: 's1',
  subIds: {},
  ...changes,
});

export const conversionRow = (changes: Partial<ConversionRow> = {}): ConversionRow => ({
  type: 'conversion',
  line: 3,
  at: '2025-11-11T09:30:00.000Z',
  campaign: 'ext:shop',
  affiliate: 'ext:traffic-1',
  clickRef: 's1',
  transactionId: 'order-1',
  event: 'lead',
  subIds: {},
  ...changes,
});

export const importRecord = (changes: Partial<ImportRecord> = {}): ImportRecord => ({
  importId: IMPORT_ID,
  kid: 'kid',
  acceptedAt: NOW,
  rows: 2,
  refusedRows: 0,
  clickChunks: 1,
  conversionChunks: 1,
  ...changes,
});

export const openImport = (changes: Partial<OpenImport> = {}): OpenImport => ({
  importId: IMPORT_ID,
  acceptedAt: NOW,
  clickChunks: 1,
  conversionChunks: 1,
  released: false,
  sentAt: NOW,
  sends: 1,
  ...changes,
});

/** Imports in memory, with the rules of the real store. */
export function memoryImports(): ImportStore {
  const records = new Map<string, ImportRecord>();
  const openOnes = new Map<string, OpenImport>();
  const results = new Map<string, Map<number, ChunkResult>>();
  const refusedLines = new Map<string, readonly FailedLine[]>();
  const resultsOf = (importId: string): Map<number, ChunkResult> => {
    const found = results.get(importId) ?? new Map<number, ChunkResult>();
    results.set(importId, found);
    return found;
  };
  return {
    async accept(record, refused) {
      records.set(record.importId, record);
      refusedLines.set(record.importId, refused);
      if (record.doneAt === undefined)
        openOnes.set(record.importId, openImport({ ...record, sentAt: record.acceptedAt }));
    },
    get: async (importId) => records.get(importId),
    chunks: async (importId) =>
      [...resultsOf(importId).values()].map(({ failed, ...result }) => ({ ...result, failedRows: failed.length })),
    failedLines: async (importId, limit) =>
      [...(refusedLines.get(importId) ?? []), ...[...resultsOf(importId).values()].flatMap(({ failed }) => failed)]
        .sort((left, right) => left.line - right.line)
        .slice(0, limit),
    async finishChunk(importId, result) {
      if (!resultsOf(importId).has(result.chunk)) resultsOf(importId).set(result.chunk, result);
    },
    isChunkDone: async (importId, chunk) => resultsOf(importId).has(chunk),
    open: async () => [...openOnes.values()].sort((left, right) => (left.importId < right.importId ? -1 : 1)),
    openOne: async (importId) => openOnes.get(importId),
    async release(importId, sentAt) {
      const open = openOnes.get(importId);
      if (open?.released === false) openOnes.set(importId, { ...open, released: true, sentAt, sends: 1 });
    },
    async claimResend(open, sentAt) {
      const stored = openOnes.get(open.importId);
      if (stored?.sentAt !== open.sentAt) return false;
      openOnes.set(open.importId, { ...stored, sentAt, sends: open.sends + 1 });
      return true;
    },
    async finish(importId, doneAt) {
      const record = records.get(importId);
      if (record !== undefined && record.doneAt === undefined) records.set(importId, { ...record, doneAt });
      openOnes.delete(importId);
    },
  };
}

/** Chunks in memory. */
export function memoryFiles(): ChunkFiles<ImportRow> {
  const files = new Map<string, readonly ImportRow[]>();
  return {
    async putChunk(importId, chunk, rows) {
      files.set(`${importId}/${chunk}`, rows);
    },
    async readChunk(importId, chunk) {
      const rows = files.get(`${importId}/${chunk}`);
      if (rows === undefined) throw new Error('no such chunk');
      return rows;
    },
  };
}

/** A queue that keeps what is sent until the test takes it. */
export function memoryQueue(): Queue<ImportChunkMessage> & { take(): ImportChunkMessage[]; fail: boolean } {
  let messages: ImportChunkMessage[] = [];
  const queue = {
    fail: false,
    async send(message: ImportChunkMessage) {
      await queue.sendAll([message]);
    },
    async sendAll(sent: readonly ImportChunkMessage[]) {
      if (queue.fail) throw new Error('the queue does not answer');
      messages.push(...sent);
    },
    take() {
      const taken = messages;
      messages = [];
      return taken;
    },
  };
  return queue;
}
