import { describe, expect, it } from 'vitest';
import type { Report, ReturnedPart, Told } from '../../shared/dialects/dialect.ts';
import { dialects } from '../../shared/dialects/registry.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { type EndpointWork, endpointWork } from '../../shared/use-cases/endpoint-work.ts';
import type { Doable } from '../../shared/use-cases/take-told.ts';
import { passage, RECEIVED_AT, usableSetup } from '../support/dialects.ts';
import { ENDPOINT_ID } from '../support/endpoints.ts';

const waiting = { endpointId: ENDPOINT_ID, messageId: makeId('msg'), receivedAt: RECEIVED_AT, trusted: true, part: 0 };
const doable = (told: Doable): EndpointWork => ({ kind: 'told', ...waiting, row: 0, receiptId: makeId('rcp'), told });

/** As the queue gives it back. */
const queued = (work: EndpointWork) => endpointWork.parse(JSON.parse(JSON.stringify(work)));

/** What a thing waits as; a test, or what is ignored, does not. */
function workOf(told: Told): EndpointWork[] {
  switch (told.kind) {
    case 'fetch':
      return [{ kind: 'fetch', ...waiting, notices: [{ row: 0, id: told.id, about: { ...told.about } }] }];
    case 'conversion':
    case 'return':
    case 'erasure':
      return [doable(told)];
    case 'test':
      return [doable({ ...told, kind: 'conversion', status: 'open' })];
    case 'ignored':
      return [];
  }
}

describe('what waits comes out of the queue as it went in', () => {
  it.each(Object.values(dialects))('$name', (dialect) => {
    const setup = usableSetup(dialect);
    const { reading } = passage(dialect, dialect.sample(setup, RECEIVED_AT), setup);
    const works = reading?.kind === 'told' ? reading.told.flatMap(workOf) : [];
    expect(works).not.toEqual([]);
    for (const work of works) expect(queued(work)).toEqual(work);
  });

  const report: Required<Report> = {
    click: 'c',
    campaign: '1',
    affiliate: '2',
    source: 'vk',
    occurredAt: RECEIVED_AT,
    parameters: { transaction_id: 'x' },
    fields: { age: '42' },
  };
  const part: Required<ReturnedPart> = { refunded: '1.00', total: '2.00', currency: 'EUR' };
  it.each<[string, Required<Doable>]>([
    ['a conversion', { kind: 'conversion', id: 'x', status: 'opt_in', report }],
    ['a return', { kind: 'return', id: 'x', reason: 'refunded', report, part }],
    ['an erasure', { kind: 'erasure', id: 'x', reason: 'asked', report, keepsLead: true }],
  ])('%s of which everything is told', (_kind, told) => {
    const work = doable(told);
    expect(queued(work)).toEqual(work);
  });
});
