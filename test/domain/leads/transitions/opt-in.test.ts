import { expect, it } from 'vitest';
import type { Lead } from '../../../../shared/domain/leads/lead.ts';
import { optIn } from '../../../../shared/domain/leads/transitions/opt-in.ts';
import { releaseHold } from '../../../../shared/domain/leads/transitions/release-hold.ts';
import { DAY_MS, HOLD_MS, later, lead, NOW, terms } from '../../../support/builders.ts';

const END = later(NOW, 30 * DAY_MS);
const waiting = (changes: Partial<Lead> = {}): Lead =>
  lead({ status: 'pending', reason: 'awaiting_opt_in', holdUntil: END, evidence: { sender: 'opt_in' }, ...changes });
const AT = later(NOW, DAY_MS);

it.each<[string, Parameters<typeof terms>[0], Partial<Lead>, object]>([
  ['confirms where the campaign does by itself', {}, {}, { status: 'confirmed', reason: undefined }],
  [
    'holds where it holds, counted from the conversion',
    { confirmation: { mode: 'hold', holdMs: HOLD_MS } },
    {},
    { status: 'pending', reason: 'on_hold', holdUntil: later(lead().occurredAt, HOLD_MS) },
  ],
  [
    'waits for a person where one decides',
    { confirmation: { mode: 'manual' } },
    {},
    { status: 'pending', reason: 'awaiting_approval', holdUntil: undefined },
  ],
  [
    'leaves what nobody vouches for to the advertiser',
    {},
    { evidence: { sender: 'pixel_opt_in' } },
    { status: 'pending', reason: 'pixel_awaiting_confirmation' },
  ],
  [
    'leaves a doubtful score to a person',
    {},
    { score: { total: 1, stage: 'low', action: 'hold', parts: [] } as unknown as Lead['score'] },
    { status: 'pending', reason: 'stage_on_hold' },
  ],
])('%s', (_what, changes, ofLead, expected) => {
  const before = waiting(ofLead);
  const result = optIn(before, AT, { terms: terms(changes) });
  if (!result.ok) throw new Error(result.fault);
  expect(result.lead).toMatchObject({ ...expected, version: before.version + 1, evidence: before.evidence });
  expect(result.lead.history.slice(0, -1)).toEqual(before.history);
  expect(result.lead.history.at(-1)).toMatchObject({ action: 'opted_in', at: AT, actor: 'system' });
  expect(optIn(result.lead, AT, { terms: terms() })).toMatchObject({ ok: false, fault: 'already' });
});

it.each<[string, Partial<Lead>, string, string]>([
  ['one that was rejected meanwhile', { status: 'rejected', reason: 'too_late' }, AT, 'already'],
  ['one that waits for something else', { reason: 'awaiting_approval' }, AT, 'already'],
  ['one whose link has just not run out', {}, END, 'moved'],
  ['one whose link has just run out', {}, later(END, 1), 'not_allowed'],
])('%s', (_what, changes, at, expected) => {
  const result = optIn(waiting(changes), at, { terms: terms() });
  expect(result.ok ? 'moved' : result.fault).toBe(expected);
});

it('does nothing without the terms that it was decided under', () => {
  expect(optIn(waiting(), AT, { terms: undefined })).toMatchObject({ ok: false, fault: 'not_allowed' });
});

it('finds the link run out of a lead that has ended by it', () => {
  const ended = releaseHold(waiting(), END);
  expect(ended.ok && optIn(ended.lead, END, { terms: terms() })).toMatchObject({ ok: false, fault: 'not_allowed' });
});
