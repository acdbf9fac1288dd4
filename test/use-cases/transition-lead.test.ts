import { describe, expect, it } from 'vitest';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { confirmLead } from '../../shared/domain/leads/transitions/confirm-lead.ts';
import { StoreUnavailable, VersionConflict } from '../../shared/ports/errors.ts';
import type { LeadStore } from '../../shared/ports/leads.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { AFFILIATE_ID, decision, lead } from '../support/builders.ts';

/** A store that lets others be first so many times; each of them leaves `stored` behind. */
function contestedStore(losses: number, stored: (round: number) => Lead) {
  const written: Lead[] = [];
  const keys: string[] = [];
  let round = 0;
  const lose = () => {
    if (round < losses) {
      round += 1;
      throw new VersionConflict('another was first');
    }
  };
  const leads: LeadStore = {
    create: async () => ({ created: true }),
    get: async () => stored(round),
    async update(next) {
      lose();
      written.push(next);
    },
    async confirmClaim(claim, keyId) {
      lose();
      written.push(claim);
      keys.push(keyId);
      return { confirmed: true };
    },
  };
  const transitionLead = createTransitionLead({
    leads,
    leadSecrets: async () => ({ leadId: (parts) => parts.join('|') }),
  });
  return { written, keys, transitionLead, rounds: () => round };
}

const pending = lead({ status: 'pending' });
const confirm = (current: Lead) => confirmLead(current, decision());

describe('moving a stored lead', () => {
  it('decides again on what another writer left, and writes the next version of that', async () => {
    const { written, transitionLead } = contestedStore(2, (round) => ({ ...pending, version: 1 + round }));
    expect(await transitionLead(pending, confirm)).toMatchObject({
      ok: true,
      lead: { status: 'confirmed', version: 4 },
    });
    expect(written.map(({ version }) => version)).toEqual([4]);
  });

  it('does nothing where the other writer made the move', async () => {
    const { written, transitionLead } = contestedStore(1, () => lead({ version: 2 }));
    expect(await transitionLead(pending, confirm)).toEqual({ ok: false, fault: 'already', status: 'confirmed' });
    expect(written).toEqual([]);
  });

  it('gives up where others keep being first', async () => {
    const { transitionLead, rounds } = contestedStore(100, () => pending);
    await expect(transitionLead(pending, confirm)).rejects.toThrow(VersionConflict);
    expect(rounds()).toBe(4);
  });

  it('takes the order’s own key for a claim that is confirmed, not the claimant’s', async () => {
    const { keys, transitionLead } = contestedStore(1, () => ({ ...pending, claimant: AFFILIATE_ID }));
    await transitionLead({ ...pending, claimant: AFFILIATE_ID }, confirm);
    expect(keys).toEqual([[pending.campaignId, pending.event, pending.transactionId].join('|')]);
  });

  it('does not try again where nothing is known', async () => {
    let calls = 0;
    const leads = {
      async update() {
        calls += 1;
        throw new StoreUnavailable('down');
      },
    } as unknown as LeadStore;
    const transitionLead = createTransitionLead({ leads, leadSecrets: async () => ({ leadId: () => '' }) });
    await expect(transitionLead(pending, confirm)).rejects.toThrow(StoreUnavailable);
    expect(calls).toBe(1);
  });
});
