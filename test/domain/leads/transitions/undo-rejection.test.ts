import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideLead } from '../../../../shared/domain/leads/decide-lead.ts';
import type { Lead } from '../../../../shared/domain/leads/lead.ts';
import type { reasons } from '../../../../shared/domain/leads/reasons.ts';
import { confirmLead } from '../../../../shared/domain/leads/transitions/confirm-lead.ts';
import { rejectLead } from '../../../../shared/domain/leads/transitions/reject-lead.ts';
import { reverseLead } from '../../../../shared/domain/leads/transitions/reverse-lead.ts';
import type { TransitionResult } from '../../../../shared/domain/leads/transitions/transition.ts';
import { undoRejection } from '../../../../shared/domain/leads/transitions/undo-rejection.ts';
import { amountOn, entriesOf, entryIdOf, isBalanced, receivable } from '../../../../shared/domain/ledger/entry.ts';
import { leadContribution } from '../../../../shared/domain/rollups/contribution.ts';
import {
  affiliateTerms,
  conversion,
  DAY_MS,
  decision,
  KEY_ID,
  later,
  lead,
  NOW,
  terms,
  transition,
} from '../../../support/builders.ts';

const UNDO_MS = 7 * DAY_MS;
const under = { terms: terms({ undoMs: UNDO_MS }), affiliateTerms: undefined };

/** A lead that its message's verdict rejected at NOW: it has no price. */
const rejectedBySystem = (reason: string, changes: Partial<Lead> = {}): Lead =>
  lead({
    status: 'rejected',
    reason,
    chargeMinor: 0n,
    commissionMinor: 0n,
    history: [transition({ status: 'rejected', reason, actor: 'system' })],
    ...changes,
  });
const rejectedByPerson = (reason = 'wrong number'): Lead => {
  const result = rejectLead(lead({ status: 'pending' }), decision({ reason }));
  if (!result.ok) throw new Error('not rejected');
  return result.lead;
};

describe('undoRejection', () => {
  it('moves a rejected lead to confirmed and remembers who, when and why', () => {
    const before = rejectedByPerson();
    const at = later(NOW, 5);
    expect(undoRejection(before, decision({ at }), under)).toEqual({
      ok: true,
      lead: {
        ...before,
        status: 'confirmed',
        reason: 'phone call',
        version: 3,
        history: [
          ...before.history,
          { version: 3, action: 'undone', status: 'confirmed', reason: 'phone call', at, actor: KEY_ID },
        ],
      },
    });
  });

  it.each([
    ['the instant of the rejection', 0, true],
    ['the last millisecond of the time given', UNDO_MS, true],
    ['one millisecond later', UNDO_MS + 1, false],
  ])('%s', (_when, afterMs, isAllowed) => {
    const result = undoRejection(rejectedByPerson(), decision({ at: later(NOW, afterMs) }), under);
    expect(result.ok).toBe(isAllowed);
    if (!isAllowed) {
      expect(result).toEqual({ ok: false, fault: 'undo_over', status: 'rejected', until: later(NOW, UNDO_MS) });
    }
  });

  it('is never possible where the terms give it no time', () => {
    const never = { ...under, terms: terms({ undoMs: 0 }) };
    expect(undoRejection(rejectedByPerson(), decision(), never)).toEqual({
      ok: false,
      fault: 'undo_over',
      status: 'rejected',
      until: undefined,
    });
  });

  it.each([
    'unattributed',
    'click_not_found',
    'campaign_mismatch',
    'affiliate_mismatch',
    'affiliate_not_approved',
    'conversion_before_click',
    'no_terms_in_force',
  ])('leaves a lead rejected that is nobody’s: %s', (reason) => {
    expect(undoRejection(rejectedBySystem(reason), decision(), under)).toEqual({
      ok: false,
      fault: 'nothing_owed',
      status: 'rejected',
      reason,
    });
  });

  it('needs the terms that the lead was decided under', () => {
    expect(undoRejection(rejectedByPerson(), decision(), { ...under, terms: undefined })).toMatchObject({
      fault: 'nothing_owed',
    });
  });

  it('takes what a person gave as the reason for that person’s word', () => {
    expect(undoRejection(rejectedByPerson('unattributed'), decision(), under).ok).toBe(true);
  });

  it.each(['outside_click_window', 'campaign_paused'] satisfies (keyof typeof reasons)[])(
    'of a lead rejected as %s is billed as if it had not been',
    (reason) => {
      const own = { ...under, affiliateTerms: affiliateTerms({ commissionMinor: 1900n }) };
      expect(undoRejection(rejectedBySystem(reason), decision(), own)).toMatchObject({
        ok: true,
        lead: { status: 'confirmed', chargeMinor: 2500n, commissionMinor: 1900n },
      });
    },
  );

  it('of a lead of an ad platform earns nobody a commission', () => {
    const ofPlatform = rejectedBySystem('outside_click_window', { affiliateId: undefined });
    expect(undoRejection(ofPlatform, decision(), under)).toMatchObject({
      lead: { chargeMinor: 2500n, commissionMinor: 0n },
    });
  });

  it('says who has the key that the lead gave up', () => {
    expect(undoRejection({ ...rejectedByPerson(), yieldedTo: 'lead_1' }, decision(), under)).toEqual({
      ok: false,
      fault: 'key_taken',
      heldBy: 'lead_1',
    });
  });

  it.each([
    ['confirmed', 'already'],
    ['pending', 'not_allowed'],
    ['reversed', 'not_allowed'],
  ] as const)('refuses a %s lead: %s', (status, fault) => {
    expect(undoRejection(lead({ status }), decision(), under)).toEqual({ ok: false, fault, status });
  });

  it('costs what the decision would have charged, whatever the terms and the affiliate’s own', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(amount, amount, fc.option(amount, { nil: undefined }), (chargeMinor, commissionMinor, own) => {
        const versions = {
          terms: terms({ chargeMinor, commissionMinor, undoMs: UNDO_MS }),
          affiliateTerms: affiliateTerms({ commissionMinor: own }),
        };
        const verdict = decideLead(conversion(versions));
        const undone = undoRejection(rejectedBySystem('outside_click_window'), decision(), versions);
        if (!undone.ok || verdict.status === 'rejected') throw new Error('not billed');
        expect([undone.lead.chargeMinor, undone.lead.commissionMinor]).toEqual([
          verdict.chargeMinor,
          verdict.commissionMinor,
        ]);
      }),
    );
  });
});

describe('whatever is done to a lead, in any order', () => {
  const moves: Readonly<Record<string, (current: Lead) => TransitionResult>> = {
    confirm: (current) => confirmLead(current, decision()),
    reject: (current) => rejectLead(current, decision()),
    undo: (current) => undoRejection(current, decision(), under),
    reverse: (current) => reverseLead(current, decision()),
  };

  it('its entries balance, have keys of their own, and net to what it counts for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('pending', 'confirmed', 'rejected' as const),
        fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 12 }),
        (status, names) => {
          let current = status === 'rejected' ? rejectedBySystem('campaign_paused') : lead({ status });
          for (const name of names) {
            const result = moves[name]?.(current);
            if (result?.ok) current = result.lead;
          }
          const entries = entriesOf(current, 'UTC');
          expect(entries.every(isBalanced)).toBe(true);
          expect(new Set(entries.map(entryIdOf)).size).toBe(entries.length);
          const account = receivable(current.advertiserId);
          const net = entries.reduce((sum, entry) => sum + amountOn(entry, account), 0n);
          expect(net).toBe(leadContribution(current, 'UTC').figures.chargeMinor);
          for (const entry of entries.filter(({ kind }) => kind === 'lead_reversed')) {
            const reversed = entries.find(({ sequence }) => sequence === entry.reverses);
            expect(amountOn(entry, account)).toBe(-amountOn(reversed!, account));
          }
        },
      ),
    );
  });
});
