import { expect, it } from 'vitest';
import { conflict, type HttpProblem, invalid, notFound } from '../../shared/runtime/problems.ts';
import { undescribed } from '../support/described.ts';

const answered = (problem: HttpProblem) => ({
  status: problem.status,
  mediaType: 'application/problem+json',
  body: JSON.stringify(problem),
});

it.each<[string, HttpProblem]>([
  ['names its fields', invalid([{ field: 'name', message: 'must not be empty' }])],
  ['is of the caller alone', notFound('There is no such campaign.')],
  ['has members of its own', conflict('version-exists', 'There is one.', { effectiveFrom: '2026-01-01' })],
])('a problem that %s is as the description says', (_what, problem) => {
  expect(undescribed('PUT /v1/campaigns/{campaignId}/terms', answered(problem))).toBeUndefined();
});

it('tells what is not as described', () => {
  const { body, ...rest } = answered(notFound('There is no such campaign.'));
  const key = 'PUT /v1/campaigns/{campaignId}/terms';
  expect(undescribed(key, { ...rest, body: body.replace('"detail"', '"details"') })).toContain('detail');
  expect(undescribed(key, { ...rest, mediaType: 'text/html', body })).toBe('404 as text/html');
});
