import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import type { Dialect, Outcome, RawMessage, Reading, Told, Verification } from '../../shared/dialects/dialect.ts';
import { instantOf, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { LoggedMessage } from '../../shared/ports/endpoints.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import type { Receipt } from '../../shared/ports/receipts.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import type { EndpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { endpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { createTakeMessage, type TakeMessageDependencies } from '../../shared/use-cases/take-message.ts';
import { CAMPAIGN_ID, campaign, clickMac, lead, NOW } from '../support/builders.ts';
import { ENDPOINT_ID, endpoint } from '../support/endpoints.ts';

const message: RawMessage = {
  method: 'POST',
  path: '',
  query: '',
  headers: {},
  body: new Uint8Array(),
  receivedAt: NOW,
};
const report = { parameters: { transaction_id: 'order-1', email: 'ada@shop.example' }, fields: { age: '42 years' } };
const conversion: Told = { kind: 'conversion', id: 'c1', report, status: 'open' };
const fetch = (id: string): Told => ({ kind: 'fetch', id, about: { id } });

/** Says how each thing ended, as a body. */
const dialect = (reading: Reading, by: Verification | 'signature' | 'token' | 'nothing' = 'token'): Dialect => ({
  name: 'tune',
  title: 'Test',
  paths: [],
  secrets: z.object({}),
  settings: z.object({}),
  verify: (sent) => (typeof by === 'string' ? { ok: true, by, message: sent } : by),
  read: () => reading,
  answer: (outcome: Outcome) => ({
    status: outcome.kind === 'unavailable' ? 503 : 200,
    headers: {},
    body:
      outcome.kind === 'results'
        ? outcome.results.map((result) => (result.kind === 'taken' ? result.status : result.code)).join(' ')
        : outcome.kind,
  }),
  sample: () => message,
});

/** Takes a message that tells `told`, with what is left behind. */
async function take(
  told: readonly Told[] | Dialect,
  { at = {}, ...changes }: Partial<TakeMessageDependencies> & { readonly at?: Parameters<typeof endpoint>[0] } = {},
) {
  const [logged, receipts, queued, work]: [LoggedMessage[], Receipt[], ConversionMessage[], EndpointWork[]] = [
    [],
    [],
    [],
    [],
  ];
  const takeMessage = createTakeMessage({
    dialect: () => ('name' in told ? told : dialect({ kind: 'told', told })),
    catalog: {
      campaign: async () => campaign(),
      affiliate: async () => undefined,
      affiliateByPromoCode: async () => undefined,
    },
    touches: { byClickRef: async () => undefined, byPlatformClickId: async () => undefined },
    digest: (text) => text,
    clickSecrets: async () => ({ clickMac: clickMac(), currentClickKeyId: 1 }),
    recordConversion: async ({ receiptId }) => ({ kind: 'decided', lead: lead({ receiptId }) }),
    findLead: async () => undefined,
    transitionLead: async (current) => ({ ok: true, lead: current }),
    eraseContact: async () => undefined,
    tryTold: async (_to, tried) => ({ kind: 'taken', told: tried, status: 'rejected', reason: 'unattributed' }),
    receipts: { put: async (receipt) => void receipts.push(receipt) },
    log: { put: async (entry) => void logged.push(entry) },
    postbacks: { send: async (each) => void queued.push(each) },
    work: {
      send: async (each) => void work.push(endpointWork.parse(each)),
      sendAll: async (all) => void work.push(...all.map((each) => endpointWork.parse(each))),
    },
    clock: () => NOW,
    startTimer: (milliseconds, run) => {
      if (milliseconds === 0) run();
      return () => undefined;
    },
    makeId,
    onQueued: () => undefined,
    onUnlogged: () => undefined,
    ...changes,
  });
  const answer = await takeMessage(endpoint({ campaignId: CAMPAIGN_ID, ...at }), message);
  return { answer, logged, receipts, queued, work };
}

const gone = async (): Promise<never> => {
  throw new StoreUnavailable('away');
};
const full = { send: gone, sendAll: gone };

describe('a message', () => {
  it('is answered by its dialect, and logged with what became of it', async () => {
    const { answer, logged, work } = await take([conversion]);
    expect(answer).toMatchObject({ status: 200, body: 'confirmed' });
    expect(logged).toEqual([
      {
        endpointId: ENDPOINT_ID,
        messageId: expect.stringMatching(/^msg_/),
        part: 0,
        receivedAt: NOW,
        method: 'POST',
        outcome: 'results',
        verifiedBy: 'token',
        answered: 200,
        told: [
          {
            id: 'c1',
            kind: 'conversion',
            status: 'confirmed',
            receiptId: expect.stringMatching(/^rcp_/),
            leadId: lead().leadId,
            parameters: { transaction_id: 'order-1', email: 'a***', age: '4***' },
          },
        ],
      },
    ]);
    expect(work).toEqual([]);
  });

  it.each([
    [
      'a handshake',
      dialect({ kind: 'handshake', answer: { status: 200, headers: {}, body: 'challenge' } }),
      'handshake',
      'challenge',
    ],
    [
      'one that cannot be read',
      dialect({ kind: 'unreadable', errors: [{ field: 'body', message: 'must be JSON' }] }),
      'unreadable',
      'unreadable',
    ],
    [
      'one that is not its sender’s',
      dialect({ kind: 'told', told: [conversion] }, { ok: false, reason: 'wrong' }),
      'unverified',
      'unverified',
    ],
  ])('that is %s makes no lead, and is in the log', async (_what, speaks, outcome, body) => {
    const { answer, logged } = await take(speaks, { recordConversion: gone });
    expect(answer.body).toBe(body);
    expect(logged).toMatchObject([{ outcome, told: [] }]);
  });

  it('to a paused endpoint is to be sent again', async () => {
    const { answer, logged } = await take([conversion], { at: { status: 'paused' } });
    expect(answer.status).toBe(503);
    expect(logged).toMatchObject([{ outcome: 'paused', answered: 503 }]);
  });

  it('to a paused endpoint is answered where it only asks whether the endpoint is there, or is not its sender’s', async () => {
    const challenge = { status: 200, headers: {}, body: 'challenge' };
    const asked = await take(dialect({ kind: 'handshake', answer: challenge }), { at: { status: 'paused' } });
    expect([asked.answer.body, asked.logged[0]?.outcome]).toEqual(['challenge', 'handshake']);
    const forged = dialect({ kind: 'told', told: [conversion] }, { ok: false, reason: 'wrong' });
    expect((await take(forged, { at: { status: 'paused' } })).answer.body).toBe('unverified');
  });

  it('is answered though the log is away', async () => {
    const lost: unknown[] = [];
    const { answer } = await take([conversion], { log: { put: gone }, onUnlogged: (error) => lost.push(error) });
    expect([answer.body, lost.length]).toEqual(['confirmed', 1]);
  });

  it.each([
    ['signature', undefined, false],
    ['token', undefined, false],
    ['nothing', undefined, true],
    ['nothing', 'confirm', false],
    ['signature', 'pending', true],
  ] as const)('that %s proves, with trust %s, is a claim: %s', async (by, trust, pixelOnly) => {
    const messages: ConversionMessage[] = [];
    await take(dialect({ kind: 'told', told: [conversion] }, by), {
      at: { trust },
      recordConversion: async (each) => {
        messages.push(each);
        return { kind: 'decided', lead: lead() };
      },
    });
    expect(messages).toMatchObject([{ party: { pixelOnly } }]);
  });

  it('that is a test of the sender’s makes no lead, and tells its verdict', async () => {
    const { answer, logged } = await take([{ kind: 'test', id: 't', report }], { recordConversion: gone });
    expect(answer.body).toBe('test');
    expect(logged).toMatchObject([{ told: [{ status: 'test', reason: 'unattributed' }] }]);
  });

  it('is in the log without addresses, wherever its sender puts them', async () => {
    const address = 'ada@shop.example';
    const told = { parameters: { transaction_id: address, sub1: address }, click: address, fields: {} };
    const { logged } = await take([{ ...conversion, id: address, report: told }]);
    expect(JSON.stringify(logged)).not.toContain(address);
    expect(logged[0]?.told[0]).toMatchObject({ id: 'a***', parameters: { sub1: 'a***' } });
  });

  it('is in the log in few words, however many its sender makes', async () => {
    const long = 'x'.repeat(400_000);
    const parameters = { transaction_id: long };
    const { logged } = await take([{ ...conversion, id: long, report: { parameters, fields: { [long]: 'y' } } }]);
    expect(JSON.stringify(logged).length).toBeLessThan(2000);
  });

  it('that concerns nobody is in the log', async () => {
    const { logged } = await take([{ kind: 'ignored', id: 'x', reason: 'not a lead' }]);
    expect(logged).toMatchObject([{ told: [{ status: 'ignored', reason: 'not a lead' }] }]);
  });
});

describe('while the store is away', () => {
  it('a conversion waits as it would be decided, with its receipt', async () => {
    const { answer, queued, receipts, work } = await take([conversion], { recordConversion: gone });
    expect(answer.body).toBe('queued');
    expect(queued).toMatchObject([
      { kind: 'postback', party: { kid: ENDPOINT_ID }, conversion: { campaign: CAMPAIGN_ID } },
    ]);
    expect(receipts).toMatchObject([{ outcome: 'queued', receiptId: queued[0]?.receiptId }]);
    expect(work).toEqual([]);
  });

  it.each([
    [
      'a conversion of which the campaign is not known',
      conversion,
      { catalog: { campaign: gone, affiliate: gone, affiliateByPromoCode: gone } },
    ],
    ['a decision', { ...conversion, status: 'approved' } as Told, { findLead: gone }],
    ['an erasure', { kind: 'erasure', id: 'e', report, reason: 'gdpr' } as Told, { findLead: gone }],
  ])('%s waits as it was told, with the id of its row', async (_what, told, changes) => {
    const { answer, logged, receipts, work } = await take([told], changes);
    expect(answer.body).toBe('queued');
    const { messageId } = logged[0]!;
    expect(work).toMatchObject([
      { kind: 'told', messageId, part: 0, row: 0, trusted: true, told: { kind: told.kind } },
    ]);
    expect(receipts).toEqual([]);
  });

  it('what no queue takes is not acknowledged', async () => {
    const { answer, logged } = await take([conversion], { recordConversion: gone, postbacks: full, work: full });
    expect(answer).toMatchObject({ status: 503, body: 'unavailable' });
    expect(logged).toMatchObject([{ outcome: 'unavailable', answered: 503 }]);
  });

  it('what a sender of little patience waits for leaves time for the log', async () => {
    const hasty = { ...dialect({ kind: 'told', told: [conversion] }), budgetMs: 1500 };
    for (const [afterMs, expected] of [
      [999, 'confirmed'],
      [1000, 'queued'],
    ] as const) {
      const { answer } = await take(hasty, { clock: () => instantOf(millisecondsOf(NOW) + afterMs) });
      expect(answer.body).toBe(expected);
    }
  });

  it('what the budget does not suffice for waits untried', async () => {
    let tried = 0;
    const recordConversion = async () => {
      tried += 1;
      return { kind: 'decided' as const, lead: lead() };
    };
    const late = instantOf(millisecondsOf(NOW) + 4000);
    const delays: (number | undefined)[] = [];
    const work: TakeMessageDependencies['work'] = {
      send: async (_each, options) => void delays.push(options?.delaySeconds),
      sendAll: async () => undefined,
    };
    const { answer } = await take([conversion, conversion], { recordConversion, work, clock: () => late });
    // Whoever takes them up finds them in the log, which is written when all are sent.
    expect([answer.body, tried, delays]).toEqual(['queued queued', 0, [5, 5]]);
  });
});

describe('what is for no campaign that is known', () => {
  const nowhere = {
    at: { campaignId: undefined },
    catalog: { campaign: async () => undefined, affiliate: gone, affiliateByPromoCode: gone },
  };
  const unmapped = { ...conversion, report: { ...report, campaign: '77' } } as const;

  it('waits where it is the lead of a platform’s form, which comes no more: the log says why', async () => {
    const lead = { ...unmapped, report: { ...unmapped.report, source: 'vk' } };
    const { answer, logged, receipts, work } = await take([lead], nowhere);
    expect(answer.body).toBe('queued');
    expect(work).toMatchObject([{ kind: 'told', told: lead }]);
    expect(logged).toMatchObject([
      { told: [{ status: 'queued', reason: expect.stringMatching(/^campaign_id .*map/) }] },
    ]);
    expect(receipts).toEqual([]);
  });

  it('is refused under a receipt where its sender reads the answer', async () => {
    const { answer, receipts, work } = await take([unmapped], nowhere);
    expect([answer.body, work]).toEqual(['unknown', []]);
    expect(receipts).toMatchObject([{ outcome: 'refused', reason: 'not_found' }]);
  });
});

describe('what is to be fetched', () => {
  const thousand = Array.from({ length: 1000 }, (_, at) => fetch(`lead-${at}`));

  it('waits in messages of ten, each as one part of the log', async () => {
    const { answer, logged, work } = await take(thousand);
    expect(answer.status).toBe(200);
    expect([logged.length, work.length]).toEqual([100, 100]);
    expect(work[99]).toMatchObject({ kind: 'fetch', part: 99, messageId: logged[0]?.messageId });
    expect(work.flatMap((each) => (each.kind === 'fetch' ? each.notices.map(({ id }) => id) : []))).toEqual(
      thousand.map(({ id }) => id),
    );
    expect(logged[99]).toMatchObject({ part: 99, told: Array.from({ length: 10 }, () => ({ status: 'queued' })) });
  });

  it('has the rows of its part, beside what is no notice', async () => {
    const { work } = await take([conversion, fetch('a'), conversion, fetch('b')]);
    expect(work).toMatchObject([
      {
        part: 0,
        notices: [
          { row: 1, id: 'a' },
          { row: 3, id: 'b' },
        ],
      },
    ]);
  });

  it('is not acknowledged where the queue does not take it', async () => {
    const { answer, logged } = await take([fetch('a')], { work: full });
    expect(answer.status).toBe(503);
    expect(logged.at(-1)).toMatchObject({ outcome: 'unavailable' });
  });
});
