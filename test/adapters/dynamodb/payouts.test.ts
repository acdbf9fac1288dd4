import { describe, expect, it } from 'vitest';
import { createPayoutProfiles } from '../../../shared/adapters/dynamodb/payout-profiles.ts';
import { createPayoutStore } from '../../../shared/adapters/dynamodb/payouts.ts';
import { cancelledPayout, sentPayout, settle } from '../../../shared/domain/payouts/payout.ts';
import { putProfile, reviewProposal } from '../../../shared/domain/payouts/profile.ts';
import { approveRun, finishProposing, payoutIdOf } from '../../../shared/domain/payouts/run.ts';
import { VersionConflict } from '../../../shared/ports/errors.ts';
import { AFFILIATE_ID, KEY_ID, OTHER_AFFILIATE_ID } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { payout, RUN_ID, run, SEPA } from '../../support/payouts.ts';

const { documents: client, env } = await useEngines();
const table = { client, tableName: env.PAYOUTS_TABLE_NAME };
const profiles = createPayoutProfiles(table);
const store = createPayoutStore(table);

const NOW = '2026-02-01T09:00:00.000Z';
const MAKER = { role: 'affiliate', kid: KEY_ID } as const;
const CHECKER = { role: 'finance', kid: 'another key' } as const;
const plan = [
  { affiliateId: AFFILIATE_ID, currency: 'EUR' },
  { affiliateId: OTHER_AFFILIATE_ID, currency: 'EUR' },
];
const place = (index: number, changes = {}) =>
  payout({ payoutId: payoutIdOf(RUN_ID, index), ...plan[index], ...changes });

describe('payout methods', () => {
  it('are written in versions, each with a record, and never over one that came first', async () => {
    const given = { affiliateId: AFFILIATE_ID, currency: 'EUR', payee: SEPA };
    const proposed = putProfile(undefined, given, MAKER, NOW)!;
    await profiles.change(proposed);
    await expect(profiles.change(proposed)).rejects.toThrow(VersionConflict);
    const approved = reviewProposal(proposed.profile, { action: 'approved', version: 1 }, CHECKER, NOW);
    if ('fault' in approved) throw new Error(approved.fault);
    await profiles.change(approved);
    const wise = { method: 'wise', holder: 'Sparrow', receiver: 'person', email: 'a@mail.example' } as const;
    const other = putProfile(undefined, { ...given, affiliateId: OTHER_AFFILIATE_ID, payee: wise }, MAKER, NOW)!;
    await profiles.change(other);

    expect(await profiles.get(AFFILIATE_ID, 'EUR')).toEqual(approved.profile);
    expect(await profiles.get(AFFILIATE_ID, 'USD')).toBeUndefined();
    expect(await profiles.of(OTHER_AFFILIATE_ID)).toEqual([other.profile]);
    const all = [];
    for await (const profile of profiles.all()) all.push(profile);
    expect(all).toHaveLength(2);
    expect(await profiles.history(AFFILIATE_ID, 'EUR', 20)).toEqual([approved.record, proposed.record]);
    expect(await profiles.history(AFFILIATE_ID, 'EUR', 1)).toEqual([approved.record]);
  });
});

describe('payouts', () => {
  it('are kept aside once from what there was, and changed by whoever knows their version', async () => {
    const first = place(0);
    await store.reserve(first, 0);
    await expect(store.reserve(place(1, { affiliateId: AFFILIATE_ID }), 0)).rejects.toThrow(VersionConflict);
    await expect(store.reserve(first, 1)).rejects.toThrow(VersionConflict);
    expect(await store.account(AFFILIATE_ID, 'EUR')).toEqual({ version: 1, payouts: [first] });
    expect(await store.account(AFFILIATE_ID, 'USD')).toEqual({ version: 0, payouts: [] });

    const sent = sentPayout(first, NOW, CHECKER.kid);
    // The profile has version 2: the payout was made with 1.
    expect(await store.send(sent)).toBe(false);
    const current = place(1, { profileVersion: 1, amountMinor: 9_007_199_254_740_993n });
    await store.reserve(current, 0);
    expect(await store.send(sentPayout(current, NOW, CHECKER.kid))).toBe(true);
    expect(await store.send(sentPayout(current, NOW, CHECKER.kid))).toBe(false);
    const paid = settle(sentPayout(current, NOW, CHECKER.kid), { kind: 'paid', day: '2026-02-03' }, NOW);
    if (paid.kind !== 'settled') throw new Error(paid.kind);
    await store.put(paid.payout);
    await expect(store.put(paid.payout)).rejects.toThrow(VersionConflict);
    const cancelled = cancelledPayout(first, 'method_changed');
    await store.put(cancelled);
    expect(await store.payoutsOf(RUN_ID, plan)).toEqual([cancelled, paid.payout]);
  });
});

describe('runs', () => {
  it('are proposed one at a time, changed by version, and listed newest first', async () => {
    const begun = run({ filter: { currency: 'EUR' }, planned: 2 });
    expect(await store.proposing()).toBeUndefined();
    expect(await store.begin(begun, plan)).toEqual(begun);
    const other = run({ runId: RUN_ID.replace('01JD3Y', '01JD3Z') });
    expect(await store.begin(other, [])).toEqual(begun);
    expect([await store.proposing(), await store.plan(RUN_ID)]).toEqual([begun, plan]);

    const proposed = finishProposing(begun);
    if (proposed.kind !== 'changed') throw new Error(proposed.kind);
    await store.changeRun(proposed.run);
    await expect(store.changeRun(proposed.run)).rejects.toThrow(VersionConflict);
    expect(await store.begin(other, [])).toEqual(other);
    const approved = approveRun(proposed.run, CHECKER.kid, NOW);
    if (approved.kind !== 'changed') throw new Error(approved.kind);
    await store.changeRun(approved.run);
    expect(await store.proposing()).toEqual(other);
    expect(await store.run(RUN_ID)).toEqual(approved.run);
    const { runs, position } = await store.list(1);
    expect([runs, (await store.list(1, position)).runs]).toEqual([[other], [approved.run]]);
  });

  it('are open until whoever looked at them last says otherwise', async () => {
    await store.mark(RUN_ID, NOW);
    const [seen] = await store.open();
    await store.mark(RUN_ID, '2026-02-02T00:00:00.000Z');
    await store.close(seen!);
    const [marked] = await store.open();
    expect(marked).toEqual({ runId: RUN_ID, markedAt: '2026-02-02T00:00:00.000Z' });
    await store.close(marked!);
    await store.close(marked!);
    expect(await store.open()).toEqual([]);
  });
});
