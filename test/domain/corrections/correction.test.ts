import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ACCOUNTS_OF,
  CORRECTION_KINDS,
  type Correction,
  effectOfCorrection,
  entryOfCorrection,
} from '../../../shared/domain/corrections/correction.ts';
import { effectsOn } from '../../../shared/domain/ledger/account.ts';
import { isBalanced, isBillable, payable, REVENUE, receivable } from '../../../shared/domain/ledger/entry.ts';
import { ADVERTISER_ID, AFFILIATE_ID } from '../../support/builders.ts';
import { correction, ON_ADVERTISER, ON_AFFILIATE } from '../../support/corrections.ts';

const approved = (changes: Partial<Correction>) =>
  correction({ status: 'approved', decidedBy: 'kid-2', decidedAt: '2025-11-21T08:00:00.000Z', ...changes });

describe('the entry of a correction', () => {
  it.each([
    ['bonus', ON_AFFILIATE, 500n, payable(AFFILIATE_ID), -500n],
    ['adjustment', ON_AFFILIATE, 500n, payable(AFFILIATE_ID), -500n],
    ['adjustment', ON_AFFILIATE, -500n, payable(AFFILIATE_ID), 500n],
    ['adjustment', ON_ADVERTISER, 500n, receivable(ADVERTISER_ID), 500n],
    ['adjustment', ON_ADVERTISER, -500n, receivable(ADVERTISER_ID), -500n],
    ['fee', ON_AFFILIATE, 500n, payable(AFFILIATE_ID), 500n],
    ['fee', ON_ADVERTISER, 500n, receivable(ADVERTISER_ID), 500n],
    ['write_off', ON_ADVERTISER, 500n, receivable(ADVERTISER_ID), -500n],
  ] as const)('a %s on the account of %o books %s', (kind, account, amountMinor, name, leg) => {
    const entry = entryOfCorrection(approved({ kind, account, amountMinor }), 'UTC');
    expect(entry).toMatchObject({
      party: account.kind === 'receivable' ? ADVERTISER_ID : AFFILIATE_ID,
      kind,
      legs: [
        { account: name, amountMinor: leg },
        { account: REVENUE, amountMinor: -leg },
      ],
    });
  });

  it('says who made it, why, of when, and what it corrects; its key is the correction', () => {
    const corrects = 'lead_x#LEAD_CONFIRMED#1';
    expect(entryOfCorrection(approved({ corrects }), 'UTC')).toEqual({
      party: AFFILIATE_ID,
      month: '2025-11',
      causeId: 'cor_01JD3Y8Q5T9Z6V2K4M7N1P0R8S',
      kind: 'bonus',
      sequence: 1,
      currency: 'EUR',
      legs: expect.anything(),
      occurredAt: '2025-11-20T10:00:00.000Z',
      decidedAt: '2025-11-21T08:00:00.000Z',
      affiliateId: AFFILIATE_ID,
      text: 'Launch campaign',
      corrects,
      madeBy: 'kid-1',
      approvedBy: 'kid-2',
    });
  });

  it('counts in the month that it is of where the network is', () => {
    const at = { occurredAt: '2025-11-30T23:30:00.000Z' };
    expect(entryOfCorrection(approved(at), 'Europe/Berlin').month).toBe('2025-12');
    expect(entryOfCorrection(approved(at), 'UTC').month).toBe('2025-11');
  });

  it.each(['proposed', 'rejected'] as const)('is none while it is %s', (status) => {
    expect(() => entryOfCorrection(correction({ status }), 'UTC')).toThrow(RangeError);
  });

  it('is a line of a document, but for a write-off', () => {
    expect(CORRECTION_KINDS.filter((kind) => !isBillable(kind))).toEqual(['write_off']);
  });

  it('is balanced and does to its account what the correction says, whatever it is', () => {
    const anyCorrection = fc.constantFrom(...CORRECTION_KINDS).chain((kind) =>
      fc.record({
        kind: fc.constant(kind),
        account: fc.constantFrom(
          ...[ON_ADVERTISER, ON_AFFILIATE].filter((one) => ACCOUNTS_OF[kind].includes(one.kind)),
        ),
        amountMinor: fc.bigInt({ min: kind === 'adjustment' ? -(10n ** 17n) : 1n, max: 10n ** 17n }),
        currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
      }),
    );
    fc.assert(
      fc.property(anyCorrection, (changes) => {
        const given = approved(changes);
        const entry = entryOfCorrection(given, 'UTC');
        expect(isBalanced(entry)).toBe(true);
        expect(effectsOn(given.account, entry)).toEqual([
          { currency: given.currency, amountMinor: effectOfCorrection(given) },
        ]);
      }),
    );
  });
});
