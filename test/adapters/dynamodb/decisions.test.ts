import { describe, expect, it } from 'vitest';
import { createDecisionStore } from '../../../shared/adapters/dynamodb/decisions.ts';
import type { DecisionRecord, LineResult } from '../../../shared/domain/decisions/decisions.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { ADVERTISER_ID, DAY_MS, KEY_ID, later, NOW } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const engines = await useEngines();
const decisions = createDecisionStore({ client: engines.documents, tableName: engines.env.IMPORTS_TABLE_NAME });

const record = (changes: Partial<DecisionRecord> = {}): DecisionRecord => ({
  decisionId: makeId('dec'),
  party: { role: 'advertiser', kid: KEY_ID, advertiserId: ADVERTISER_ID },
  acceptedAt: NOW,
  lines: 250,
  chunks: 3,
  ...changes,
});
const upload = (uploadId: string, contentHash = 'hash') => ({ uploadId, contentHash });
const YESTERDAY = later(NOW, -DAY_MS);
const results = (first: number, count: number, changes: Partial<LineResult> = {}): LineResult[] =>
  Array.from({ length: count }, (_, index) => ({
    line: first + index,
    outcome: 'confirmed',
    status: 'confirmed',
    ...changes,
  }));
async function linesFrom(decisionId: string, first: number): Promise<(readonly [number, number[]])[]> {
  const found: (readonly [number, number[]])[] = [];
  for await (const { chunk, results: ofChunk } of decisions.results(decisionId, first)) {
    found.push([chunk, ofChunk.map(({ line }) => line)]);
  }
  return found;
}

describe('the store of decisions', () => {
  it('keeps them open until they are finished, once', async () => {
    const accepted = record();
    const { decisionId } = accepted;
    expect(await decisions.accept(accepted, upload('u-1'), YESTERDAY)).toBeUndefined();
    expect(await decisions.get(decisionId)).toEqual(accepted);
    const open = { decisionId, chunks: 3, sentAt: NOW, sends: 1 };
    expect(await decisions.openOne(decisionId)).toEqual(open);
    expect(await decisions.claimResend(open, later(NOW, 1))).toBe(true);
    expect(await decisions.claimResend(open, later(NOW, 2))).toBe(false);
    expect((await decisions.open()).map((each) => each.decisionId)).toEqual([decisionId]);
    await decisions.finish(decisionId, NOW);
    await decisions.finish(decisionId, later(NOW, 1));
    expect(await decisions.get(decisionId)).toEqual({ ...accepted, doneAt: NOW });
    expect(await decisions.open()).toEqual([]);
  });

  it('takes an upload in once, until it is forgotten', async () => {
    const [first, second, third] = [record(), record(), record()];
    await decisions.accept(first, upload('u-2'), YESTERDAY);
    const earlier = { decisionId: first.decisionId, contentHash: 'hash' };
    expect(await decisions.accept(second, upload('u-2', 'another'), YESTERDAY)).toEqual(earlier);
    expect(await decisions.get(second.decisionId)).toBeUndefined();
    expect(await decisions.openOne(second.decisionId)).toBeUndefined();
    expect(await decisions.earlier('u-2', later(NOW, -1))).toEqual(earlier);
    expect(await decisions.earlier('u-2', NOW)).toBeUndefined();
    expect(await decisions.accept(third, upload('u-2'), NOW)).toBeUndefined();
    expect(await decisions.earlier('nothing', YESTERDAY)).toBeUndefined();
  });

  it('says once what came of a chunk, the lines and their counts together', async () => {
    const { decisionId } = record();
    const problem = { status: 409, detail: 'no', errors: [{ field: 'a', message: 'b' }] };
    const told = [...results(1, 2), { line: 3, outcome: 'refused' as const, problem }];
    await decisions.finishChunk(decisionId, { chunk: 0, doneAt: NOW, results: told });
    await decisions.finishChunk(decisionId, { chunk: 0, doneAt: later(NOW, 1), results: results(1, 3) });
    expect(await decisions.chunks(decisionId)).toEqual([
      { chunk: 0, doneAt: NOW, outcomes: { confirmed: 2, rejected: 0, reversed: 0, refused: 1 } },
    ]);
    expect([await decisions.isChunkDone(decisionId, 0), await decisions.isChunkDone(decisionId, 1)]).toEqual([
      true,
      false,
    ]);
    for await (const { results: kept } of decisions.results(decisionId, 0)) expect(kept).toEqual(told);
  });

  it('shows lines from a chunk on, in order, whichever chunks are done', async () => {
    const { decisionId } = record();
    for (const chunk of [10, 2, 0]) {
      await decisions.finishChunk(decisionId, { chunk, doneAt: NOW, results: results(chunk * 100 + 1, 2) });
    }
    const all = [
      [0, [1, 2]],
      [2, [201, 202]],
      [10, [1001, 1002]],
    ] as const;
    expect(await linesFrom(decisionId, 0)).toEqual(all);
    expect(await linesFrom(decisionId, 1)).toEqual(all.slice(1));
    expect(await linesFrom(decisionId, 2)).toEqual(all.slice(1));
    expect(await linesFrom(decisionId, 11)).toEqual([]);
  });
});
