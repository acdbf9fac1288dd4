import { describe, expect, it } from 'vitest';
import { createImportStore } from '../../../shared/adapters/dynamodb/imports.ts';
import { NO_VERDICTS } from '../../../shared/domain/imports/progress.ts';
import { later, NOW } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { importIdOf, importRecord, openImport } from '../../support/imports.ts';

const engines = await useEngines();
const imports = createImportStore({ client: engines.documents, tableName: engines.env.IMPORTS_TABLE_NAME });

let imported = 0;
function nextImportId(): string {
  imported += 1;
  return importIdOf(imported);
}
const failedLines = (count: number, first = 2) =>
  Array.from({ length: count }, (_, index) => ({ line: first + index, errors: ['at: must be RFC 3339'] }));
const result = (chunk: number, failed = failedLines(0)) => ({
  chunk,
  doneAt: NOW,
  clicks: 3,
  verdicts: { ...NO_VERDICTS, confirmed: 2 },
  failed,
});

describe('the store of imports', () => {
  it('keeps an import open until it is finished, once', async () => {
    const importId = nextImportId();
    const record = importRecord({ importId });
    await imports.accept(record, []);
    expect(await imports.get(importId)).toEqual(record);
    expect(await imports.openOne(importId)).toEqual(openImport({ importId }));
    await imports.finish(importId, NOW);
    await imports.finish(importId, later(NOW, 1));
    expect(await imports.get(importId)).toEqual({ ...record, doneAt: NOW });
    expect(await imports.openOne(importId)).toBeUndefined();
  });

  it('does not open an import that is done as it comes', async () => {
    const importId = nextImportId();
    await imports.accept(importRecord({ importId, clickChunks: 0, conversionChunks: 0, doneAt: NOW }), failedLines(1));
    expect(await imports.openOne(importId)).toBeUndefined();
    expect(await imports.failedLines(importId, 10)).toEqual(failedLines(1));
  });

  it('knows no import that was not accepted', async () => {
    const importId = nextImportId();
    expect(await imports.get(importId)).toBeUndefined();
    expect(await imports.chunks(importId)).toEqual([]);
    expect(await imports.isChunkDone(importId, 0)).toBe(false);
    await imports.finish(importId, NOW);
    expect(await imports.get(importId)).toBeUndefined();
  });

  it('lists open imports in order of acceptance', async () => {
    const ids = [nextImportId(), nextImportId(), nextImportId()];
    for (const importId of [...ids].reverse()) await imports.accept(importRecord({ importId }), []);
    expect((await imports.open()).map(({ importId }) => importId)).toEqual(ids);
    for (const importId of ids) await imports.finish(importId, NOW);
    expect(await imports.open()).toEqual([]);
  });

  it('writes down what came of a chunk once', async () => {
    const importId = nextImportId();
    await imports.accept(importRecord({ importId }), []);
    await imports.finishChunk(importId, result(1));
    await imports.finishChunk(importId, { ...result(1), clicks: 99 });
    expect(await imports.isChunkDone(importId, 1)).toBe(true);
    expect(await imports.isChunkDone(importId, 0)).toBe(false);
    const { failed: _failed, ...summary } = result(1);
    expect(await imports.chunks(importId)).toEqual([{ ...summary, failedRows: 0 }]);
  });

  it('lists failed lines of the file and of its chunks by number, up to a limit', async () => {
    const importId = nextImportId();
    await imports.accept(importRecord({ importId }), failedLines(150, 500));
    await imports.finishChunk(importId, result(0, failedLines(3)));
    const all = await imports.failedLines(importId, 1000);
    expect(all.map(({ line }) => line)).toEqual([...failedLines(3), ...failedLines(150, 500)].map(({ line }) => line));
    expect(await imports.failedLines(importId, 10)).toHaveLength(10);
  });

  it('releases once, and counts sendings from then on', async () => {
    const importId = nextImportId();
    await imports.accept(importRecord({ importId }), []);
    await imports.release(importId, later(NOW, 1));
    await imports.release(importId, later(NOW, 2));
    expect(await imports.openOne(importId)).toEqual(
      openImport({ importId, released: true, sentAt: later(NOW, 1), sends: 1 }),
    );
  });

  it('lets one of many send again', async () => {
    const importId = nextImportId();
    await imports.accept(importRecord({ importId }), []);
    const open = openImport({ importId });
    const claims = await Promise.all([1, 2, 3, 4].map((ms) => imports.claimResend(open, later(NOW, ms))));
    expect(claims.filter((claimed) => claimed)).toHaveLength(1);
    expect((await imports.openOne(importId))?.sends).toBe(2);
  });

  it('does not open again what was finished meanwhile', async () => {
    const importId = nextImportId();
    await imports.accept(importRecord({ importId }), []);
    await imports.finish(importId, NOW);
    await imports.release(importId, NOW);
    expect(await imports.claimResend(openImport({ importId }), NOW)).toBe(false);
    expect(await imports.openOne(importId)).toBeUndefined();
  });
});
