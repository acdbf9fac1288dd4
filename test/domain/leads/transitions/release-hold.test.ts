import { describe, expect, it } from 'vitest';
import { releaseHold } from '../../../../shared/domain/leads/transitions/release-hold.ts';
import { later, lead, NOW } from '../../../support/builders.ts';

const held = (holdUntil: string | undefined) => lead({ status: 'pending', reason: 'on_hold', holdUntil });

describe('releaseHold', () => {
  it.each([
    ['one millisecond before it has run out', later(NOW, 1), false],
    ['the millisecond it runs out', NOW, true],
    ['one millisecond later', later(NOW, -1), true],
    ['long after', later(NOW, -86_400_000), true],
  ])('%s', (_when, holdUntil, released) => {
    expect(releaseHold(held(holdUntil), NOW).ok).toBe(released);
  });

  it('confirms by itself, as the system, at the time of the release', () => {
    const before = held(NOW);
    expect(releaseHold(before, later(NOW, 500))).toEqual({
      ok: true,
      lead: {
        ...before,
        status: 'confirmed',
        reason: 'hold_released',
        holdUntil: undefined,
        version: 2,
        history: [
          ...before.history,
          {
            version: 2,
            action: 'released',
            status: 'confirmed',
            reason: 'hold_released',
            at: later(NOW, 500),
            actor: 'system',
          },
        ],
      },
    });
  });

  it('rejects by itself a lead whose person did not open the link in time', () => {
    const waiting = lead({ status: 'pending', reason: 'awaiting_opt_in', holdUntil: NOW });
    const result = releaseHold(waiting, NOW);
    expect(result.ok && result.lead).toMatchObject({
      status: 'rejected',
      reason: 'opt_in_expired',
      holdUntil: undefined,
    });
    expect(result.ok && result.lead.history.at(-1)).toMatchObject({ action: 'expired', actor: 'system' });
    expect(releaseHold(waiting, later(NOW, -1)).ok).toBe(false);
  });

  it('leaves alone what waits for a person', () => {
    const waiting = lead({ status: 'pending', reason: 'awaiting_approval' });
    expect(releaseHold(waiting, NOW)).toEqual({ ok: false, fault: 'not_allowed', status: 'pending' });
  });

  it.each([
    ['confirmed', 'already'],
    ['rejected', 'not_allowed'],
    ['reversed', 'not_allowed'],
  ] as const)('refuses a %s lead: %s', (status, fault) => {
    expect(releaseHold(lead({ status, holdUntil: NOW }), NOW)).toEqual({ ok: false, fault, status });
  });
});
