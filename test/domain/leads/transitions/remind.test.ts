import { expect, it } from 'vitest';
import { awaitsOptIn, type Lead, type LeadTransition, MAX_TRANSITIONS } from '../../../../shared/domain/leads/lead.ts';
import { REMINDER_AFTER_MS, remind } from '../../../../shared/domain/leads/transitions/remind.ts';
import { DAY_MS, later, lead, NOW, transition } from '../../../support/builders.ts';

const WAITING = { status: 'pending', reason: 'awaiting_opt_in' } as const;
const asked = (version: number, at: string, action: LeadTransition['action'] = 'reminded'): LeadTransition =>
  transition({ ...WAITING, version, action, at, receiptId: action === 'reminded' ? `rcp_${version}` : undefined });
/** A lead that was mailed at first, and then so many times again. */
const mailed = (again: readonly string[] = [], changes: Partial<Lead> = {}): Lead => {
  const history = [asked(1, NOW, 'decided'), ...again.map((at, index) => asked(index + 2, at))];
  return lead({ ...WAITING, version: history.length, history, ...changes });
};
const sentAgain = (receivedAt: string, saysMore = false) => ({ receiptId: 'rcp_again', receivedAt, saysMore });
const hours = (count: number) => later(NOW, count * 3_600_000);

it('asks once more, and changes nothing else of the lead', () => {
  const before = mailed();
  const after = remind(before, sentAgain(hours(1)));
  expect(after).toEqual({
    ...before,
    version: 2,
    history: [
      ...before.history,
      { ...WAITING, version: 2, action: 'reminded', at: hours(1), actor: 'system', receiptId: 'rcp_again' },
    ],
  });
  expect(after && awaitsOptIn(after)).toBe(true);
});

it('asks once for a message, however often it comes', () => {
  const once = remind(mailed(), sentAgain(hours(1)));
  expect(remind(once!, sentAgain(hours(9)))).toBeUndefined();
});

it.each<[string, Lead, string, boolean, boolean]>([
  ['a minute after the mail', mailed(), later(NOW, REMINDER_AFTER_MS), false, true],
  ['a millisecond sooner, as pressing twice does', mailed(), later(NOW, REMINDER_AFTER_MS - 1), false, false],
  ['sooner, where the address was mended', mailed(), later(NOW, 1), true, true],
  ['the last time of a day', mailed([hours(1), hours(2)]), hours(3), false, true],
  ['once too often in a day', mailed([hours(1), hours(2), hours(3)]), hours(4), false, false],
  ['once too often, where the address was mended', mailed([hours(1), hours(2), hours(3)]), hours(4), true, false],
  ['a day after the first of them', mailed([hours(1), hours(2), hours(3)]), later(hours(1), DAY_MS), false, true],
  ['of a lead that waits for something else', mailed([], { reason: 'awaiting_approval' }), hours(1), false, false],
  ['of a lead that is confirmed', mailed([], { status: 'confirmed', reason: undefined }), hours(1), false, false],
  ['in the last moment of the link', mailed([], { holdUntil: hours(1) }), hours(1), false, true],
  ['once the link has run out', mailed([], { holdUntil: hours(1) }), later(hours(1), 1), true, false],
  [
    'of a lead that has moved too often',
    mailed(Array.from({ length: MAX_TRANSITIONS - 1 }, (_, day) => hours(24 * day))),
    hours(1000),
    false,
    false,
  ],
])('asks %s', (_when, before, at, saysMore, isAsked) => {
  expect(remind(before, sentAgain(at, saysMore)) !== undefined).toBe(isAsked);
});
