import { describe, expect, it } from 'vitest';
import {
  conflict,
  forbidden,
  type HttpProblem,
  invalid,
  invalidField,
  notFound,
  tooLarge,
  unauthorized,
  unavailable,
  unexpected,
  unsupportedMediaType,
} from '../../shared/runtime/problems.ts';

const wire = (problem: HttpProblem): Record<string, unknown> => JSON.parse(JSON.stringify(problem));

describe('a problem', () => {
  it.each<[number, string, HttpProblem]>([
    [400, 'invalid-request', invalidField('limit', 'must be a number')],
    [401, 'unauthorized', unauthorized('Send the key.')],
    [403, 'forbidden', forbidden('Not yours.')],
    [404, 'not-found', notFound('Nothing there.')],
    [409, 'transaction-conflict', conflict('transaction-conflict', 'Other content.')],
    [413, 'too-large', tooLarge(1024)],
    [415, 'unsupported-media-type', unsupportedMediaType(['application/json'])],
    [500, 'unexpected', unexpected('request-1')],
    [503, 'unavailable', unavailable('Later.', 5)],
  ])('of status %i is %s and has the members of RFC 9457', (status, code, problem) => {
    expect(wire(problem)).toMatchObject({
      type: `https://leadledger.dev/problems/${code}`,
      title: expect.stringMatching(/./),
      status,
      detail: expect.stringMatching(/./),
    });
    expect(problem).toBeInstanceOf(Error);
  });

  it('names each bad field, and all of them in its detail', () => {
    const errors = [
      { field: 'from', message: 'must be a day' },
      { field: 'confirmation.hold', message: 'must be a duration' },
    ];
    expect(wire(invalid(errors))).toEqual({
      type: 'https://leadledger.dev/problems/invalid-request',
      title: 'The request is not valid',
      status: 400,
      detail: 'from: must be a day; confirmation.hold: must be a duration',
      errors,
    });
  });

  it('has no errors where no field is to blame', () => {
    expect(wire(notFound('Nothing there.'))).not.toHaveProperty('errors');
  });

  it('lets no member of its own take the place of a standard one', () => {
    expect(wire(conflict('taken', 'Taken.', { status: 'pending', type: 'x' }))).toMatchObject({
      type: 'https://leadledger.dev/problems/taken',
      status: 409,
    });
  });

  it('carries members of its own beside the standard ones', () => {
    expect(wire(conflict('taken', 'Taken.', { leadId: 'lead_1' }))).toMatchObject({ status: 409, leadId: 'lead_1' });
  });

  it('keeps headers out of the body', () => {
    const problem = unavailable('Later.', 5);
    expect(problem.headers).toEqual({ 'retry-after': '5' });
    expect(Object.keys(wire(problem)).toSorted()).toEqual(['detail', 'status', 'title', 'type']);
  });
});
