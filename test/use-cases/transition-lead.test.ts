import { describe, expect, it } from 'vitest';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { confirmLead } from '../../shared/domain/leads/transitions/confirm-lead.ts';
import { returnLead } from '../../shared/domain/leads/transitions/return-lead.ts';
import type { DecidedUnder } from '../../shared/domain/leads/transitions/transition.ts';
import { CountersChanged, StoreUnavailable, VersionConflict } from '../../shared/ports/errors.ts';
import type { TakeResult } from '../../shared/ports/leads.ts';
import { createTransitionLead, type TransitionLeadDependencies } from '../../shared/use-cases/transition-lead.ts';
import { AFFILIATE_ID, affiliateTerms, campaign, decision, later, lead, NOW, terms } from '../support/builders.ts';
import { memoryCounters } from '../support/memory-counters.ts';

/** A store that lets others be first so many times; each of them leaves `stored` behind. */
function contestedStore(
  losses: number,
  stored: (round: number) => Lead,
  changes: Partial<TransitionLeadDependencies> & { error?: () => Error; taken?: TakeResult } = {},
) {
  const { error = () => new VersionConflict('another was first'), taken = { taken: true }, ...dependencies } = changes;
  const written: Lead[] = [];
  const keys: string[][] = [];
  const counters: unknown[] = [];
  const posted: (readonly [status: string, sinceVersion: number | undefined])[] = [];
  let round = 0;
  const transitionLead = createTransitionLead({
    leads: {
      get: async () => stored(round),
      async updateAndTake(next, taking, extras) {
        if (round < losses) {
          round += 1;
          throw error();
        }
        if (!taken.taken) return taken;
        written.push(next);
        keys.push(taking.map(({ own }) => own));
        counters.push(...(extras?.counters ?? []));
        return taken;
      },
    },
    leadSecrets: async () => ({ leadId: (parts) => parts.join('|'), fingerprint: (parts) => parts.join('|') }),
    catalog: {
      campaign: async () => campaign({ terms: [terms(), terms({ effectiveFrom: NOW, chargeMinor: 9900n })] }),
      affiliateTerms: async () => [affiliateTerms(), affiliateTerms({ effectiveFrom: NOW, commissionMinor: 1n })],
    },
    counters: memoryCounters(),
    pace: { random: () => 0, sleep: async () => undefined },
    postEntries: async (moved, sinceVersion) => posted.push([moved.status, sinceVersion]),
    ...dependencies,
  });
  return { written, keys, counters, posted, transitionLead, rounds: () => round };
}

const pending = lead({ status: 'pending' });
const confirm = (current: Lead) => confirmLead(current, decision());
const giveBack = (current: Lead) => returnLead(current, decision(), { reasons: [], maxSharePercent: 10 });

describe('moving a stored lead', () => {
  it('decides again on what another writer left, and writes the next version of that', async () => {
    const { written, posted, transitionLead } = contestedStore(2, (round) => ({ ...pending, version: 1 + round }));
    expect(await transitionLead(pending, confirm)).toMatchObject({
      ok: true,
      lead: { status: 'confirmed', version: 4 },
    });
    expect(written.map(({ version }) => version)).toEqual([4]);
    expect(posted).toEqual([['confirmed', 3]]);
  });

  it('does nothing where the other writer made the move, but posts what it may have left unposted', async () => {
    const { written, posted, transitionLead } = contestedStore(1, () => lead({ version: 2 }));
    expect(await transitionLead(pending, confirm)).toEqual({ ok: false, fault: 'already', status: 'confirmed' });
    expect([written, posted]).toEqual([[], [['confirmed', undefined]]]);
  });

  it.each([
    ['versions', () => new VersionConflict('another was first'), VersionConflict, 4],
    ['counters', () => new CountersChanged('another was first'), CountersChanged, 12],
  ])('gives up where others keep changing %s', async (_what, error, type, tries) => {
    const { transitionLead, posted, rounds } = contestedStore(100, () => pending, { error });
    await expect(transitionLead(pending, confirm)).rejects.toThrow(type);
    expect([rounds(), posted]).toEqual([tries, []]);
  });

  it('takes the order’s own key for a claim that is confirmed, not the claimant’s', async () => {
    const { keys, transitionLead } = contestedStore(1, () => ({ ...pending, claimant: AFFILIATE_ID }));
    await transitionLead({ ...pending, claimant: AFFILIATE_ID }, confirm);
    expect(keys).toEqual([[[pending.campaignId, pending.event, pending.transactionId].join('|')]]);
  });

  it('says who holds the key, and posts nothing', async () => {
    const taken = { taken: false, heldBy: lead({ leadId: 'lead_1' }), by: 'transaction_id' } as const;
    const { posted, transitionLead } = contestedStore(0, () => pending, { taken });
    expect(await transitionLead(pending, confirm)).toEqual({ ok: false, fault: 'key_taken', heldBy: 'lead_1' });
    expect(posted).toEqual([]);
  });

  it('does not try again where nothing is known', async () => {
    const { rounds, transitionLead } = contestedStore(100, () => pending, {
      error: () => new StoreUnavailable('down'),
    });
    await expect(transitionLead(pending, confirm)).rejects.toThrow(StoreUnavailable);
    expect(rounds()).toBe(1);
  });

  it('fails where the entry could not be posted; made again, it posts', async () => {
    let isDown = true;
    const { transitionLead } = contestedStore(0, () => pending, {
      postEntries: async () => {
        if (isDown) throw new StoreUnavailable('down');
      },
    });
    await expect(transitionLead(pending, confirm)).rejects.toThrow(StoreUnavailable);
    isDown = false;
    expect(await transitionLead(lead(), confirm)).toMatchObject({ fault: 'already' });
  });

  it.each<[string, Partial<Lead>, Partial<DecidedUnder>]>([
    ['the version named on the lead', {}, { terms: terms(), affiliateTerms: affiliateTerms() }],
    [
      'another one that it names',
      { termsFrom: NOW, clickedAt: NOW },
      {
        terms: terms({ effectiveFrom: NOW, chargeMinor: 9900n }),
        affiliateTerms: affiliateTerms({ effectiveFrom: NOW, commissionMinor: 1n }),
      },
    ],
    [
      'the affiliate’s at the conversion, where there was no click',
      { clickedAt: undefined, occurredAt: later(NOW, -1) },
      { affiliateTerms: affiliateTerms() },
    ],
    ['none where it names none', { termsFrom: undefined }, { terms: undefined }],
    ['none of an affiliate where there is none', { affiliateId: undefined }, { affiliateTerms: undefined }],
  ])('shows the transition the terms that the lead was decided under: %s', async (_which, changes, expected) => {
    const { transitionLead } = contestedStore(0, () => pending);
    let seen: DecidedUnder | undefined;
    await transitionLead({ ...pending, ...changes }, (current, under) => {
      seen = under;
      return confirmLead(current, decision());
    });
    expect(seen).toMatchObject(expected);
  });

  it('writes a return with its part of the month’s share', async () => {
    const write = { itemId: 'returns', atMost: { returned: 4n }, add: { returned: 1n }, remove: [] };
    const { counters, posted, transitionLead } = contestedStore(1, () => lead(), {
      takeReturn: async (_lead, maxSharePercent) => ({ ok: true, write: { ...write, itemId: `${maxSharePercent}` } }),
    });
    expect(await transitionLead(lead(), giveBack)).toMatchObject({ ok: true, lead: { status: 'reversed' } });
    expect([counters, posted]).toEqual([[{ ...write, itemId: '10' }], [['reversed', 1]]]);
  });

  it('refuses a return where the share is used up', async () => {
    const broken = { rule: 'maxShare', maxSharePercent: 10, month: '2025-11', allowed: 4n } as const;
    const { written, transitionLead } = contestedStore(0, () => lead(), {
      takeReturn: async () => ({ ok: false, broken }),
    });
    expect(await transitionLead(lead(), giveBack)).toEqual({
      ok: false,
      fault: 'return_refused',
      status: 'confirmed',
      broken,
    });
    expect(written).toEqual([]);
  });
});
