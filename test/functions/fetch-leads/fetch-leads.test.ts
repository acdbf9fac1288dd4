import type { Context, SQSEvent } from 'aws-lambda';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createFetchLeads } from '../../../functions/fetch-leads/fetch-leads.ts';
import { createSendRequest } from '../../../shared/adapters/http/outgoing.ts';
import type { Result, Told } from '../../../shared/dialects/dialect.ts';
import { meta } from '../../../shared/dialects/meta.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';
import type { Endpoint, LoggedTold } from '../../../shared/ports/endpoints.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import type { Receipt } from '../../../shared/ports/receipts.ts';
import { makeIdOf } from '../../../shared/runtime/ids.ts';
import type { EndpointWork } from '../../../shared/use-cases/endpoint-work.ts';
import type { ToldTo } from '../../../shared/use-cases/take-told/resolve-report.ts';
import { sqsEvent } from '../../support/core-path.ts';
import { RECEIVED_AT } from '../../support/dialects.ts';
import { ENDPOINT_ID, endpoint } from '../../support/endpoints.ts';
import { type ApiAnswer, graphLead, leadIdIn, startApi } from '../../support/graph-api.ts';

const TRIES = 44;
const MESSAGE_ID = 'msg_01JD3Y8Q5T9Z6V2K4M7N1P0R8S';

let answer: (leadId: string) => ApiAnswer;
const api = await startApi((request) => answer(leadIdIn(request)));
afterAll(() => api.stop());
beforeEach(() => {
  answer = (id) => ({ status: 200, body: graphLead(id) });
  api.asked.length = 0;
});

const connected = endpoint({
  dialect: 'meta',
  settings: meta.settings.parse({ apiUrl: api.url }),
  secrets: { access_token: 'made-up-token' },
});

const work = (ids: readonly (number | string)[], part = 0): EndpointWork => ({
  kind: 'fetch',
  endpointId: ENDPOINT_ID,
  messageId: MESSAGE_ID,
  receivedAt: RECEIVED_AT,
  trusted: true,
  part,
  notices: ids.map((id, row) => ({ row, id: `${id}`, about: { leadgen_id: `${id}`, form_id: '12312312312' } })),
});

const erasure: Extract<EndpointWork, { kind: 'told' }> = {
  kind: 'told',
  endpointId: ENDPOINT_ID,
  messageId: MESSAGE_ID,
  receivedAt: RECEIVED_AT,
  trusted: true,
  part: 0,
  row: 3,
  receiptId: makeIdOf('rcp', 0, 'erasure'),
  told: {
    kind: 'erasure',
    id: '7',
    reason: 'deleted_by_member',
    report: { parameters: { transaction_id: '7' }, fields: {} },
  },
};

interface Hidden {
  readonly body: string;
  readonly tries: number;
  readonly atMs: number;
}

/** The worker with its queue, on a clock that jumps to whatever is due next. */
function aWorker({
  endpoints = [connected],
  take,
}: {
  endpoints?: readonly Endpoint[];
  take?: (told: Told) => Result;
} = {}) {
  let nowMs = millisecondsOf(RECEIVED_AT);
  let waiting: Hidden[] = [];
  const deadLetters: string[] = [];
  const taken: { readonly told: Told; readonly to: ToldTo }[] = [];
  const log = new Map<string, LoggedTold>();
  const receipts = new Map<string, Receipt>();
  const putOffs: number[] = [];
  const failures: string[] = [];
  let overdue = 0;
  const enqueue = (message: unknown, delaySeconds = 0) =>
    waiting.push({ body: JSON.stringify(message), tries: 1, atMs: nowMs + delaySeconds * 1000 });
  const handle = createFetchLeads({
    endpoints: { byId: async (id) => endpoints.find(({ endpointId }) => endpointId === id) },
    dialect: () => meta,
    sendRequest: createSendRequest({ privateDestinations: true }),
    takeTold: async (to, told) => {
      taken.push({ told, to });
      return take?.(told) ?? { kind: 'taken', told, status: 'confirmed', receiptId: to.receiptId };
    },
    tryTold: async (_to, told) => ({ kind: 'taken', told, status: 'confirmed' }),
    keepReceipt: async (receipt) => void receipts.set(receipt.receiptId, receipt),
    log: {
      settle: async ({ messageId, part, row }, logged) => {
        log.set(`${messageId}#${part}#${row}`, logged);
      },
    },
    queue: {
      send: async (message, options) => {
        enqueue(message, options?.delaySeconds);
      },
    },
    putOff: async (_handle, seconds) => {
      putOffs.push(seconds);
    },
    maxReceiveCount: TRIES,
    clock: () => instantOf(nowMs),
    random: () => 0,
    receiptIdOf: (timeMs, seed) => makeIdOf('rcp', timeMs, seed),
    onOverdue: () => {
      overdue += 1;
    },
    onFailure: (_id, error) => failures.push((error as Error).message),
  });

  /** Hands out a message once; says whether it was worked off. */
  async function handOut({ body, tries }: Pick<Hidden, 'body' | 'tries'>): Promise<boolean> {
    const event: SQSEvent = sqsEvent([body], tries);
    return (await handle(event, {} as Context)).batchItemFailures.length === 0;
  }

  return {
    taken,
    log,
    receipts,
    putOffs,
    failures,
    deadLetters,
    enqueue,
    get overdue() {
      return overdue;
    },
    row: (row: number, part = 0) => log.get(`${MESSAGE_ID}#${part}#${row}`),
    once: (message: EndpointWork, tries = 1) => handOut({ body: JSON.stringify(message), tries }),
    waiting: () => waiting.map(({ body }) => JSON.parse(body) as EndpointWork),
    /** Until the queue is empty; how long that took, in seconds. */
    async drain(): Promise<number> {
      const startMs = nowMs;
      while (waiting.length > 0) {
        nowMs = Math.max(nowMs, Math.min(...waiting.map(({ atMs }) => atMs)));
        const due = waiting.filter(({ atMs }) => atMs <= nowMs);
        waiting = waiting.filter(({ atMs }) => atMs > nowMs);
        for (const message of due) {
          const before = putOffs.length;
          if (await handOut(message)) continue;
          if (message.tries === TRIES) deadLetters.push(message.body);
          else waiting.push({ ...message, tries: message.tries + 1, atMs: nowMs + (putOffs[before] ?? 360) * 1000 });
        }
      }
      return (nowMs - startMs) / 1000;
    },
  };
}

describe('notices of leads', () => {
  it('are fetched, taken and settled in the log', async () => {
    const worker = aWorker();
    expect(await worker.once(work([11, 12]))).toBe(true);
    expect(worker.taken.map(({ told }) => told)).toMatchObject([
      { kind: 'conversion', id: '11', report: { source: 'meta', parameters: { email: 'lead-11@example.com' } } },
      { kind: 'conversion', id: '12' },
    ]);
    expect(worker.row(1)).toMatchObject({ id: '12', kind: 'conversion', status: 'confirmed' });
    expect(worker.row(1)?.parameters?.['email']).toBe('l***');
  });

  it('that come twice are taken under the same receipts, which begin with the time of the lead', async () => {
    const worker = aWorker();
    await worker.once(work([11, 12]));
    await worker.once(work([11, 12]));
    const ids = worker.taken.map(({ to }) => to.receiptId);
    expect(ids.slice(2)).toEqual(ids.slice(0, 2));
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]?.slice(0, 14)).toBe(makeIdOf('rcp', Date.parse('2026-11-22T08:59:00Z'), '').slice(0, 14));
  });

  it('1,000 of them, while the API fails for a while: none is lost, none is taken twice', async () => {
    let failures = 300;
    answer = (id) => {
      failures -= 1;
      return failures >= 0 ? { status: 500, body: {} } : { status: 200, body: graphLead(id) };
    };
    const worker = aWorker();
    for (let part = 0; part < 100; part += 1) {
      worker.enqueue(
        work(
          Array.from({ length: 10 }, (_, row) => 1000 + part * 10 + row),
          part,
        ),
      );
    }
    expect(await worker.drain()).toBeLessThan(300);
    expect(new Set(worker.taken.map(({ told }) => told.id)).size).toBe(1000);
    expect(worker.taken).toHaveLength(1000);
    expect(worker.deadLetters).toEqual([]);
    expect([...worker.log.values()].every(({ status }) => status === 'confirmed')).toBe(true);
  });

  it('of which some cannot be fetched are tried again without the others', async () => {
    answer = (id) => (id === '12' ? { status: 500, body: {} } : { status: 200, body: graphLead(id) });
    const worker = aWorker();
    expect(await worker.once(work([11, 12, 13]))).toBe(true);
    expect(worker.taken.map(({ told }) => told.id)).toEqual(['11', '13']);
    expect(worker.waiting()).toMatchObject([{ part: 0, notices: [{ row: 1, id: '12' }] }]);
    expect(worker.row(1)).toEqual({ id: '12', kind: 'fetch', status: 'queued', reason: 'the Graph API answered 500' });
  });

  it('with a token that has expired wait for another, and the log says so', async () => {
    answer = () => ({ status: 400, body: { error: { code: 190, message: 'Session has expired' } } });
    const worker = aWorker();
    expect(await worker.once(work([11]))).toBe(false);
    expect(worker.row(0)).toMatchObject({ status: 'queued', reason: expect.stringContaining('new access_token') });
    expect(worker.failures).toEqual([`${ENDPOINT_ID}: ${worker.row(0)?.reason}`]);
    expect(worker.taken).toEqual([]);
  });

  it.each([
    ['as planned', {}, 30],
    ['when the API says', { 'retry-after': '90' }, 90],
  ])('are tried again %s', async (_case, headers, seconds) => {
    answer = () => ({ status: 429, headers });
    const worker = aWorker();
    expect(await worker.once(work([11, 12]))).toBe(false);
    expect(worker.putOffs).toEqual([seconds]);
  });

  it('of leads that are gone are told as gone', async () => {
    answer = () => ({ status: 404 });
    const worker = aWorker();
    expect(await worker.once(work([11]))).toBe(true);
    expect(worker.row(0)).toEqual({
      id: '11',
      kind: 'fetch',
      status: 'gone',
      reason: 'the Graph API knows no such lead',
    });
  });

  it('of test leads make none', async () => {
    const field_data = [{ name: 'full_name', values: ['<test lead: dummy data for full_name>'] }];
    answer = (id) => ({ status: 200, body: { ...graphLead(id), field_data } });
    const worker = aWorker();
    expect(await worker.once(work([11]))).toBe(true);
    expect(worker.taken).toEqual([]);
    expect(worker.row(0)).toMatchObject({ kind: 'test', status: 'test', reason: 'confirmed' });
  });

  it('where nobody answers are dead letters after more than 36 hours, with the last word on why', async () => {
    answer = () => ({ status: 503 });
    const worker = aWorker();
    worker.enqueue(work([11]));
    const seconds = await worker.drain();
    expect(seconds).toBeGreaterThan(37 * 3600);
    expect(seconds).toBeLessThan(48 * 3600);
    expect(api.asked).toHaveLength(TRIES);
    expect(worker.deadLetters).toHaveLength(1);
    expect(worker.row(0)).toMatchObject({ status: 'dead_lettered', reason: 'the Graph API answered 503' });
    expect(worker.overdue).toBe(TRIES - 7);
  });

  it('of an endpoint that was deleted are refused, each under a receipt: they were acknowledged', async () => {
    const worker = aWorker({ endpoints: [] });
    expect(await worker.once(work([11]))).toBe(true);
    expect(await worker.once(work([11]), 2)).toBe(true);
    expect(api.asked).toEqual([]);
    expect(worker.row(0)).toMatchObject({ status: 'refused', reason: 'endpoint_deleted' });
    expect([...worker.receipts.values()]).toMatchObject([
      { at: RECEIVED_AT, kid: ENDPOINT_ID, outcome: 'refused', reason: 'not_found' },
    ]);
  });

  it('are taken again where the store did not answer', async () => {
    let down = true;
    const worker = aWorker({
      take: (told) => {
        if (down) throw new StoreUnavailable('down');
        return { kind: 'taken', told, status: 'confirmed' };
      },
    });
    expect(await worker.once(work([11]))).toBe(false);
    expect(worker.row(0)).toMatchObject({ status: 'queued', reason: 'the store did not answer' });
    down = false;
    expect(await worker.once(work([11]), 2)).toBe(true);
    expect(worker.row(0)).toMatchObject({ status: 'confirmed' });
  });
});

describe('what could not be done at once', () => {
  it('of an endpoint that was deleted is refused, a conversion under the receipt that it has', async () => {
    const worker = aWorker({ endpoints: [] });
    const { receiptId, told } = erasure;
    const conversion: EndpointWork = { ...erasure, told: { ...told, kind: 'conversion', status: 'open' } };
    expect(await worker.once(conversion)).toBe(true);
    expect([...worker.receipts.keys()]).toEqual([receiptId]);
    worker.receipts.clear();
    expect(await worker.once(erasure)).toBe(true);
    expect(worker.receipts.size).toBe(0);
  });

  const unknown = (told: Told): Result => ({ kind: 'refused', told, code: 'unknown', errors: [] });

  it('is done under the receipt that it has', async () => {
    const worker = aWorker({ take: (told) => ({ kind: 'taken', told, status: 'erased' }) });
    expect(await worker.once(erasure)).toBe(true);
    expect(worker.taken[0]?.to.receiptId).toBe(erasure.receiptId);
    expect(worker.row(3)).toMatchObject({ kind: 'erasure', status: 'erased' });
  });

  it('as its form is mapped to no campaign is a dead letter in the end, and somebody is called to look', async () => {
    const { receiptId, told } = erasure;
    const report = { ...told.report, source: 'vk', campaign: '3' };
    const worker = aWorker({ take: unknown });
    worker.enqueue({ ...erasure, told: { ...told, kind: 'conversion', status: 'open', report } });
    expect(await worker.drain()).toBeGreaterThan(37 * 3600);
    expect(worker.deadLetters).toHaveLength(1);
    expect(worker.row(3)).toMatchObject({ status: 'dead_lettered', parameters: { campaign: '3' } });
    expect(worker.overdue).toBe(TRIES - 7);
    expect(worker.taken.every(({ to }) => to.receiptId === receiptId)).toBe(true);
  });

  it('and takes back what nobody told yet waits for it', async () => {
    const worker = aWorker({ take: unknown });
    expect(await worker.once(erasure, TRIES - 1)).toBe(false);
    expect(worker.row(3)).toMatchObject({ status: 'queued', reason: 'no lead holds it yet' });
    // It is nobody's fault: nobody is called to look.
    expect(worker.overdue).toBe(0);
  });

  it('and takes back what nobody ever told is refused in the end, and is no dead letter', async () => {
    const worker = aWorker({ take: unknown });
    expect(await worker.once(erasure, TRIES)).toBe(true);
    expect(worker.row(3)).toMatchObject({ status: 'refused', reason: 'unknown' });
  });
});
