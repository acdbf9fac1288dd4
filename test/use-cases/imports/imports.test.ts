import { describe, expect, it } from 'vitest';
import type { ConversionMessage } from '../../../shared/contracts/postback.ts';
import type { Touch } from '../../../shared/domain/attribution/attribute.ts';
import { CLICKS_AWAITED_MS } from '../../../shared/domain/imports/progress.ts';
import { type ImportRow, planChunks } from '../../../shared/domain/imports/rows.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import type { Receipt } from '../../../shared/ports/receipts.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { receiptOfSender } from '../../../shared/use-cases/message-receipt.ts';
import {
  createProcessImportChunk,
  type ProcessImportChunkDependencies,
} from '../../../shared/use-cases/process-import-chunk.ts';
import type { RecordOutcome } from '../../../shared/use-cases/record-conversion.ts';
import { createResumeImports } from '../../../shared/use-cases/resume-imports.ts';
import { AFFILIATE_ID, CAMPAIGN_ID, campaign, later, lead, NOW, touch, transition } from '../../support/builders.ts';
import {
  clickRow,
  conversionRow,
  importIdOf,
  importRecord,
  memoryFiles,
  memoryImports,
  memoryQueue,
} from '../../support/imports.ts';

const MINUTE_MS = 60_000;

/** A small world: one campaign `shop`, one affiliate `traffic-1`, clicks by reference and leads by transaction. */
const receiptOf = (message: ConversionMessage, outcome: 'duplicate' | 'conflict'): Receipt => ({
  ...receiptOfSender(message),
  outcome,
});

function world(changes: Partial<ProcessImportChunkDependencies> = {}) {
  const imports = memoryImports();
  const files = memoryFiles();
  const queue = memoryQueue();
  const clicks = new Map<string, string>();
  const leads = new Map<string, ConversionMessage>();
  let now = NOW;
  const dependencies: ProcessImportChunkDependencies = {
    imports,
    files,
    queue,
    now: () => now,
    digest: digest128,
    catalog: {
      campaign: async (reference) => (reference === 'ext:shop' ? campaign({ campaignId: CAMPAIGN_ID }) : undefined),
      affiliate: async (reference) =>
        reference === 'ext:traffic-1' ? { affiliateId: AFFILIATE_ID, name: 'Traffic' } : undefined,
    },
    touches: {
      async putReferenced(clickRef, stored) {
        const before = clicks.get(clickRef);
        clicks.set(clickRef, before ?? stored.clickedAt);
        if (before === undefined) return 'stored';
        return before === stored.clickedAt ? 'already_stored' : 'conflict';
      },
      byClickRef: async (_campaignId, clickRef): Promise<Touch | undefined> =>
        clicks.has(clickRef) ? touch() : undefined,
    },
    async recordConversion(message): Promise<RecordOutcome> {
      const { transactionId = '', clickRef } = message.conversion;
      const before = leads.get(transactionId);
      const missing = clickRef !== undefined && !clicks.has(clickRef);
      const status = missing ? 'rejected' : 'confirmed';
      if (before === undefined) leads.set(transactionId, message);
      const own = before === undefined || before.receiptId === message.receiptId;
      if (!own && before.conversion.amount !== message.conversion.amount)
        return { kind: 'conflict', lead: lead(), receipt: receiptOf(message, 'conflict') };
      const decided = lead({ status, history: [transition({ status })] });
      if (own) return { kind: 'decided', lead: decided };
      return { kind: 'duplicate', lead: decided, receipt: receiptOf(message, 'duplicate') };
    },
    ...changes,
  };
  const process = createProcessImportChunk(dependencies);
  return {
    imports,
    queue,
    clicks,
    leads,
    process,
    resume: createResumeImports(dependencies),
    passes: (milliseconds: number) => {
      now = later(now, milliseconds);
    },
    /** Takes an import in and returns its id; its messages are the test's to deliver. */
    async accept(number: number, rows: readonly ImportRow[]): Promise<string> {
      const importId = importIdOf(number);
      const { clickChunks, conversionChunks } = planChunks(rows);
      for (const [chunk, chunkRows] of [...clickChunks, ...conversionChunks].entries()) {
        await files.putChunk(importId, chunk, chunkRows);
      }
      await imports.accept(
        importRecord({
          importId,
          acceptedAt: now,
          rows: rows.length,
          clickChunks: clickChunks.length,
          conversionChunks: conversionChunks.length,
        }),
        [],
      );
      return importId;
    },
    async drain(): Promise<void> {
      for (let messages = queue.take(); messages.length > 0; messages = queue.take()) {
        for (const message of messages) await process(message);
      }
    },
  };
}

const click = (importId: string) => ({ kind: 'import_chunk' as const, importId, chunk: 0 });

describe('working off an import', () => {
  it('stores the clicks, then sends the conversions, then is done', async () => {
    const { accept, process, queue, drain, imports } = world();
    const importId = await accept(1, [clickRow(), conversionRow()]);
    await process(click(importId));
    const sent = queue.take();
    expect(sent).toEqual([{ kind: 'import_chunk', importId, chunk: 1 }]);
    await process(sent[0]!);
    expect(await imports.chunks(importId)).toMatchObject([
      { clicks: 1 },
      { verdicts: { confirmed: 1, pending: 0, rejected: 0, duplicate: 0 }, failedRows: 0 },
    ]);
    expect((await imports.get(importId))?.doneAt).toBe(NOW);
    expect(await imports.open()).toEqual([]);
    await drain();
  });

  it('is done after its clicks where it has no conversions', async () => {
    const { accept, process, imports } = world();
    const importId = await accept(1, [clickRow()]);
    await process(click(importId));
    expect((await imports.get(importId))?.doneAt).toBe(NOW);
  });

  it('counts a chunk once that comes twice', async () => {
    const { accept, process, drain, imports, leads } = world();
    const importId = await accept(1, [conversionRow({ clickRef: undefined })]);
    const message = { kind: 'import_chunk' as const, importId, chunk: 0 };
    await process(message);
    await process(message);
    await drain();
    expect(leads.size).toBe(1);
    expect(await imports.chunks(importId)).toMatchObject([{ verdicts: { confirmed: 1, duplicate: 0 } }]);
  });

  it('decides the same when it crashed before its result was written', async () => {
    const { accept, process, imports, leads } = world();
    const importId = await accept(1, [conversionRow({ clickRef: undefined })]);
    const finishChunk = imports.finishChunk;
    imports.finishChunk = async () => Promise.reject(new StoreUnavailable('lost'));
    await expect(process(click(importId))).rejects.toThrow(StoreUnavailable);
    imports.finishChunk = finishChunk;
    await process(click(importId));
    expect(leads.size).toBe(1);
    expect(await imports.chunks(importId)).toMatchObject([{ verdicts: { confirmed: 1, duplicate: 0 } }]);
  });

  it('changes nothing when the same rows are imported again', async () => {
    const { accept, process, drain, imports, clicks, leads } = world();
    const rows = [clickRow(), clickRow({ clickRef: undefined, line: 4 }), conversionRow()];
    await process(click(await accept(1, rows)));
    await drain();
    const before = [clicks.size, leads.size];
    const again = await accept(2, rows);
    await process(click(again));
    await drain();
    expect([clicks.size, leads.size]).toEqual(before);
    expect(await imports.chunks(again)).toMatchObject([{ clicks: 2 }, { verdicts: { confirmed: 0, duplicate: 1 } }]);
  });

  it.each([
    ['an unknown campaign', clickRow({ campaign: 'ext:nowhere' }), 'campaign: there is no campaign nowhere'],
    ['an unknown affiliate', clickRow({ affiliate: 'ext:nobody' }), 'affiliate: there is no affiliate nobody'],
    ['a reference that another click has', clickRow({ at: NOW }), 'click_ref: another click of this campaign has it'],
  ])('lists the line of %s and stores the others', async (_what, bad, error) => {
    const { accept, process, imports } = world();
    const importId = await accept(1, [clickRow(), { ...bad, line: 7 }]);
    await process(click(importId));
    expect(await imports.failedLines(importId, 10)).toEqual([{ line: 7, errors: [error] }]);
    expect(await imports.chunks(importId)).toMatchObject([{ clicks: 1, failedRows: 1 }]);
  });

  it('lists a transaction that is known with other content', async () => {
    const { accept, process, imports } = world();
    const rows = [conversionRow({ clickRef: undefined }), conversionRow({ clickRef: undefined, amount: '9', line: 4 })];
    const importId = await accept(1, rows);
    await process(click(importId));
    expect(await imports.failedLines(importId, 10)).toEqual([
      { line: 4, errors: ['transaction_id: this transaction is known with other content'] },
    ]);
  });

  it('says in the words of the file what a conversion was refused for', async () => {
    const refused: RecordOutcome = {
      kind: 'refused',
      status: 404,
      field: 'affiliate_id',
      message: 'there is no such affiliate',
    };
    const { accept, process, imports } = world({ recordConversion: async () => refused });
    const importId = await accept(1, [conversionRow({ clickRef: undefined })]);
    await process(click(importId));
    expect(await imports.failedLines(importId, 10)).toEqual([
      { line: 3, errors: ['affiliate: there is no such affiliate'] },
    ]);
  });

  it('fails as a whole where the store does not answer, without leaving rows under way', async () => {
    let underWay = 0;
    const { accept, process, imports } = world({
      recordConversion: async ({ conversion }) => {
        underWay += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay -= 1;
        if (conversion.transactionId === 'order-1') throw new StoreUnavailable('busy');
        return { kind: 'decided', lead: lead() };
      },
    });
    const rows = Array.from({ length: 100 }, (_, index) =>
      conversionRow({ clickRef: undefined, transactionId: `order-${index}`, line: index + 2 }),
    );
    const importId = await accept(1, rows);
    await expect(process(click(importId))).rejects.toThrow(StoreUnavailable);
    expect(underWay).toBe(0);
    expect(await imports.chunks(importId)).toEqual([]);
  });
});

describe('conversions wait for clicks', () => {
  it('of imports accepted before, and are sent by whoever stores the last of them', async () => {
    const { accept, process, queue, drain, imports } = world();
    const first = await accept(1, [clickRow()]);
    const second = await accept(2, [clickRow({ clickRef: 's2' }), conversionRow()]);
    await process(click(second));
    expect(queue.take()).toEqual([]);
    await process(click(first));
    expect(queue.take()).toEqual([{ kind: 'import_chunk', importId: second, chunk: 1 }]);
    await process({ kind: 'import_chunk', importId: second, chunk: 1 });
    await drain();
    expect(await imports.chunks(second)).toMatchObject([{}, { verdicts: { confirmed: 1, rejected: 0 } }]);
  });

  it('but not of imports accepted later', async () => {
    const { accept, process, queue } = world();
    const first = await accept(1, [clickRow(), conversionRow()]);
    await accept(2, [clickRow({ clickRef: 's2' })]);
    await process(click(first));
    expect(queue.take()).toEqual([{ kind: 'import_chunk', importId: first, chunk: 1 }]);
  });

  it('for a day; then those whose click is not there fail and can be imported again', async () => {
    const { accept, resume, passes, queue, process, imports, leads } = world();
    await accept(1, [clickRow()]);
    const waiting = await accept(2, [
      conversionRow(),
      conversionRow({ line: 4, clickRef: undefined, transactionId: 'order-2' }),
    ]);
    const ofWaiting = () => queue.take().filter(({ importId }) => importId === waiting);
    passes(CLICKS_AWAITED_MS);
    await resume.all();
    expect(ofWaiting()).toEqual([]);
    passes(1);
    await resume.all();
    const [message] = ofWaiting();
    await process(message!);
    expect(await imports.failedLines(waiting, 10)).toEqual([
      { line: 3, errors: ['click_ref: its click is not stored; import this line again'] },
    ]);
    expect([...leads.keys()]).toEqual(['order-2']);
  });
});

describe('an import whose messages were lost', () => {
  it('is sent again when nothing has come of it for a minute', async () => {
    const { accept, resume, passes, queue } = world();
    const importId = await accept(1, [clickRow(), conversionRow()]);
    expect(await resume.one(importId)).toBe(false);
    passes(MINUTE_MS);
    expect(await resume.one(importId)).toBe(true);
    expect(queue.take()).toEqual([click(importId)]);
  });

  it('is sent once, however many ask', async () => {
    const { accept, resume, passes, queue } = world();
    const importId = await accept(1, [clickRow()]);
    passes(MINUTE_MS);
    await Promise.all([resume.one(importId), resume.one(importId), resume.all()]);
    expect(queue.take()).toEqual([click(importId)]);
  });

  it('is sent when a later one is asked for, whose conversions wait for it', async () => {
    const { accept, process, resume, passes, queue } = world();
    const abandoned = await accept(1, [clickRow()]);
    const asked = await accept(2, [clickRow({ line: 2, clickRef: 's2' }), conversionRow({ clickRef: 's2' })]);
    await process(click(asked));
    queue.take();
    passes(MINUTE_MS);
    await resume.one(asked);
    expect(queue.take()).toEqual([click(abandoned)]);
    await process(click(abandoned));
    expect(queue.take()).toEqual([{ kind: 'import_chunk', importId: asked, chunk: 1 }]);
  });

  it('is sent without what is done', async () => {
    const { accept, process, resume, passes, queue } = world();
    const importId = await accept(1, [clickRow(), conversionRow()]);
    await process(click(importId));
    queue.take();
    passes(MINUTE_MS);
    await resume.all();
    expect(queue.take()).toEqual([{ kind: 'import_chunk', importId, chunk: 1 }]);
  });

  it('is released when the worker died after the last click', async () => {
    const { accept, process, resume, passes, queue } = world();
    const importId = await accept(1, [clickRow(), conversionRow()]);
    queue.fail = true;
    await expect(process(click(importId))).rejects.toThrow();
    queue.fail = false;
    passes(MINUTE_MS);
    await resume.one(importId);
    expect(queue.take()).toEqual([{ kind: 'import_chunk', importId, chunk: 1 }]);
  });

  it('is closed when the worker died after the last chunk', async () => {
    const { accept, process, resume, passes, imports } = world();
    const importId = await accept(1, [conversionRow({ clickRef: undefined })]);
    const finish = imports.finish;
    imports.finish = async () => Promise.reject(new StoreUnavailable('lost'));
    await expect(process(click(importId))).rejects.toThrow(StoreUnavailable);
    imports.finish = finish;
    passes(MINUTE_MS);
    await resume.one(importId);
    expect((await imports.get(importId))?.doneAt).toBe(later(NOW, MINUTE_MS));
  });
});
