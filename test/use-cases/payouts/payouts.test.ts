import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CASH, IN_TRANSIT, payable } from '../../../shared/domain/ledger/entry.ts';
import type { BankAnswer } from '../../../shared/domain/payouts/payout.ts';
import { approveRun, cancelRun, type PayoutRun } from '../../../shared/domain/payouts/run.ts';
import { VersionConflict } from '../../../shared/ports/errors.ts';
import { AFFILIATE_ID, OTHER_AFFILIATE_ID } from '../../support/builders.ts';
import { Crash, type Fault, later, payoutWorld, SEPA } from '../../support/payouts.ts';

const NOW = '2026-02-01T09:00:00.000Z';
const AFFILIATES = [AFFILIATE_ID, OTHER_AFFILIATE_ID, 'aff_01JD3Y8Q5T9Z6V2K4M7N1P0R9C'];

function world(fault?: () => Fault) {
  let milliseconds = 0;
  const clock = () => later(NOW, milliseconds++);
  const it = payoutWorld({ clock, ...(fault && { fault }) });
  const asked = { filter: {}, at: NOW, kid: 'maker' };
  const changeRun = async (to: (run: PayoutRun) => ReturnType<typeof approveRun>, runId: string) => {
    const change = to((await it.payouts.run(runId))!);
    if (change.kind === 'changed') await it.payouts.changeRun(change.run);
  };
  const proposed = async () => {
    const run = await it.proposeRun(asked);
    if (run.kind !== 'proposed') throw new Error(run.kind);
    return run;
  };
  return {
    ...it,
    clock,
    asked,
    proposed,
    approve: (runId: string) => changeRun((run) => approveRun(run, 'checker', clock()), runId),
    async cancel(runId: string) {
      await it.payouts.mark(runId, clock());
      await changeRun((run) => cancelRun(run, 'checker', clock()), runId);
      await it.releaseRun((await it.payouts.run(runId))!);
    },
    send: async (runId: string) => it.sendRun((await it.payouts.run(runId))!, 'checker'),
    /** A run that is sent. */
    async sent() {
      const { run } = await proposed();
      await this.approve(run.runId);
      await this.send(run.runId);
      return run.runId;
    },
    answer: (payoutId: string, kind: BankAnswer['kind'], line = 1) => ({ line, about: { payoutId }, answer: { kind } }),
  };
}

const payoutsIn = ({ state }: ReturnType<typeof world>) => [...state.payouts.values()];

describe('a run', () => {
  it('keeps aside what can be paid, with the payee and the version that it is from', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 5000n);
    it.owe(AFFILIATES[0]!, -700n);
    it.owe(AFFILIATES[1]!, 100n, { terms: { thresholdMinor: 101n, holdMs: 0, netMs: 0 } });
    it.owe(AFFILIATES[2]!, 200n, {
      payee: undefined,
      proposed: { payee: SEPA, by: { role: 'affiliate', kid: 'own' }, at: NOW },
    });
    const { run, payouts } = await it.proposed();
    expect(run).toMatchObject({ status: 'proposed', planned: 1, proposedBy: 'maker' });
    expect(payouts).toMatchObject([
      { affiliateId: AFFILIATES[0], amountMinor: 4300n, payee: SEPA, profileVersion: 1, state: 'proposed' },
    ]);
    expect(await it.proposeRun(it.asked)).toEqual({
      kind: 'nothing_to_pay',
      accounts: { nothing_due: 1, below_threshold: 1, pending_review: 1 },
    });
  });

  it.each([
    [{ currency: 'USD' }, 0],
    [{ method: 'paypal' as const }, 1],
    [{ currency: 'EUR' }, 2],
  ])('takes what %j asks for', async (filter, count) => {
    const it = world();
    it.owe(AFFILIATES[0]!, 5000n);
    it.owe(AFFILIATES[1]!, 100n, { payee: { method: 'paypal', email: 'a@mail.example' } });
    const run = await it.proposeRun({ ...it.asked, filter });
    expect(run.kind === 'proposed' ? run.payouts.length : 0).toBe(count);
  });

  it('pays at most what SEPA takes in one payment, and the rest with the next run', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 100_000_000_000n);
    expect((await it.proposed()).payouts).toMatchObject([{ amountMinor: 99_999_999_999n }]);
    expect((await it.proposed()).payouts).toMatchObject([{ amountMinor: 1n }]);
  });

  it('is gone on with by the next call of the same kind, and stands in the way of others', async () => {
    let isDown = false;
    const it = world(() => (isDown ? 'before' : 'none'));
    for (const affiliateId of AFFILIATES) it.owe(affiliateId, 1000n);
    const { reserve } = it.payouts;
    it.payouts.reserve = async (...parameters) => {
      isDown = it.state.payouts.size === 1;
      return reserve(...parameters);
    };
    await expect(it.proposeRun(it.asked)).rejects.toThrow(Crash);
    it.payouts.reserve = reserve;
    isDown = false;
    expect(it.state.payouts.size).toBeLessThan(3);
    expect(await it.proposeRun({ ...it.asked, filter: { currency: 'EUR' } })).toMatchObject({ kind: 'busy' });
    const { run, payouts } = await it.proposed();
    expect([it.state.runs.size, run.status, payouts.length]).toEqual([1, 'proposed', 3]);
  });

  it('that is given up gives back what it kept aside', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 1000n);
    const { run } = await it.proposed();
    await it.cancel(run.runId);
    expect(payoutsIn(it)).toMatchObject([{ state: 'cancelled', reason: 'run_cancelled' }]);
    expect((await it.proposed()).payouts).toMatchObject([{ amountMinor: 1000n }]);
    expect(it.state.journal.size).toBe(0);
  });

  it('that is given up while it is proposed keeps nothing aside', async () => {
    const it = world();
    for (const affiliateId of AFFILIATES) it.owe(affiliateId, 1000n);
    const { reserve } = it.payouts;
    it.payouts.reserve = async (...parameters) => {
      it.payouts.reserve = reserve;
      await it.cancel(parameters[0].runId);
      return reserve(...parameters);
    };
    expect((await it.proposed()).run.status).toBe('cancelled');
    expect(payoutsIn(it).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect((await it.proposed()).payouts).toHaveLength(3);
  });

  it('is sent once it is approved, posted, and the same when it is sent again', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 1000n);
    const { run } = await it.proposed();
    expect((await it.send(run.runId)).kind).toBe('not_approved');
    await it.approve(run.runId);
    const sent = await it.send(run.runId);
    expect(sent).toMatchObject({ kind: 'sent', run: { status: 'sent', approvedBy: 'checker' } });
    expect(await it.send(run.runId)).toEqual(sent);
    expect([it.on(payable(AFFILIATES[0]!)), it.on(IN_TRANSIT), it.on(CASH)]).toEqual([1000n, -1000n, 0n]);
  });

  it('leaves out whoever is to be paid another way since it was proposed', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 1000n);
    it.owe(AFFILIATES[1]!, 2000n);
    const { run } = await it.proposed();
    await it.approve(run.runId);
    const profile = (await it.profiles.get(AFFILIATES[0]!, 'EUR'))!;
    it.state.profiles.set(`${AFFILIATES[0]}#EUR`, { ...profile, version: 2 });
    await it.send(run.runId);
    expect(payoutsIn(it)).toMatchObject([
      { state: 'cancelled', reason: 'method_changed' },
      { state: 'sent', amountMinor: 2000n },
    ]);
    expect(it.on(IN_TRANSIT)).toBe(-2000n);
  });
});

describe('answers of a bank', () => {
  it('settle payouts, in one file or in several, and change nothing a second time', async () => {
    const it = world();
    for (const affiliateId of AFFILIATES) it.owe(affiliateId, 1000n);
    await it.sent();
    const [one = '', two = '', three = ''] = payoutsIn(it).map(({ payoutId }) => payoutId);
    const file = [it.answer(one, 'paid', 1), it.answer(two, 'rejected', 2), it.answer(three, 'pending', 3)];
    const { results } = await it.settleAnswers(file, 'all');
    expect(results.map(({ line, outcome, state }) => [line, outcome, state])).toEqual([
      [1, 'settled', 'paid'],
      [2, 'settled', 'failed'],
      [3, 'unchanged', 'sent'],
    ]);
    const before = [...it.state.journal.keys()];
    const again = await it.settleAnswers(file, 'all');
    expect(again.results.every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    expect([...it.state.journal.keys()]).toEqual(before);
    expect([it.on(IN_TRANSIT), it.on(CASH)]).toEqual([-1000n, -1000n]);
    expect(it.on(payable(AFFILIATES[1]!))).toBe(0n);
    expect((await it.proposed()).payouts).toMatchObject([{ affiliateId: AFFILIATES[1], amountMinor: 1000n }]);
  });

  it('may say of one payment in one file that it was paid and came back', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 1000n);
    await it.sent();
    const { payoutId } = payoutsIn(it)[0]!;
    await it.settleAnswers([it.answer(payoutId, 'paid', 1), it.answer(payoutId, 'returned', 2)], 'all');
    expect(payoutsIn(it)).toMatchObject([{ state: 'failed', failure: 'returned', version: 4 }]);
    expect([it.state.journal.size, it.on(IN_TRANSIT), it.on(CASH)]).toEqual([3, 0n, 0n]);
  });

  it('may speak of all of a run at once', async () => {
    const it = world();
    for (const affiliateId of AFFILIATES) it.owe(affiliateId, 1000n);
    const runId = await it.sent();
    const { results } = await it.settleAnswers([{ line: 1, about: { runId }, answer: { kind: 'rejected' } }], 'all');
    expect(results).toMatchObject(AFFILIATES.map(() => ({ line: 1, outcome: 'settled', state: 'failed' })));
  });

  it('with a line that cannot be true change nothing, or all but that line, as is asked for', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 1000n);
    await it.sent();
    const { payoutId } = payoutsIn(it)[0]!;
    const unknown = payoutId.replace('-001', '-002');
    const elsewhere = payoutId.replace('01JD3', '01JD4');
    const file = [it.answer(unknown, 'paid', 1), it.answer(payoutId, 'paid', 2), it.answer(elsewhere, 'paid', 3)];
    const refused = await it.settleAnswers(file, 'all');
    expect(refused).toMatchObject({
      applied: false,
      results: [{ fault: 'unknown_payout' }, { outcome: 'settled' }, { fault: 'unknown_payout' }],
    });
    expect([payoutsIn(it)[0]?.state, it.state.journal.size]).toEqual(['sent', 1]);
    expect(await it.settleAnswers(file, 'look')).toEqual(refused);
    expect((await it.settleAnswers(file, 'valid')).applied).toBe(true);
    expect([payoutsIn(it)[0]?.state, it.state.journal.size]).toEqual(['paid', 2]);
  });

  it('are known too late once the payout was settled otherwise meanwhile', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 1000n);
    await it.sent();
    const { payoutId } = payoutsIn(it)[0]!;
    const { mark } = it.payouts;
    it.payouts.mark = async (...parameters) => {
      it.payouts.mark = mark;
      await it.settleAnswers([it.answer(payoutId, 'rejected')], 'all');
      return mark(...parameters);
    };
    const { results } = await it.settleAnswers([it.answer(payoutId, 'paid')], 'all');
    expect(results).toMatchObject([{ outcome: 'refused', fault: 'failed_before' }]);
    expect(payoutsIn(it)).toMatchObject([{ state: 'failed' }]);
  });
});

describe('the check', () => {
  const DAY_MS = 86_400_000;

  it('finds payouts of which no bank has said anything for more than five days', async () => {
    let now = NOW;
    const it = payoutWorld({ clock: () => now });
    it.owe(AFFILIATES[0]!, 1000n);
    const proposed = await it.proposeRun({ filter: {}, at: NOW, kid: 'maker' });
    if (proposed.kind !== 'proposed') throw new Error(proposed.kind);
    const approved = approveRun(proposed.run, 'checker', NOW);
    if (approved.kind !== 'changed') throw new Error(approved.kind);
    await it.payouts.changeRun(approved.run);
    await it.sendRun(approved.run, 'checker');
    const payoutId = [...it.state.payouts.keys()][0]!;
    now = later(NOW, 5 * DAY_MS);
    expect(await it.checkRuns()).toEqual({ looked: 1, overdue: [] });
    now = later(NOW, 5 * DAY_MS + 1);
    expect(await it.checkRuns()).toEqual({ looked: 1, overdue: [payoutId] });
    await it.settleAnswers([{ line: 1, about: { payoutId }, answer: { kind: 'paid' } }], 'all');
    expect(await it.checkRuns()).toEqual({ looked: 1, overdue: [] });
    expect(await it.checkRuns()).toEqual({ looked: 0, overdue: [] });
    await it.settleAnswers([{ line: 1, about: { payoutId }, answer: { kind: 'returned' } }], 'all');
    expect(await it.checkRuns()).toEqual({ looked: 1, overdue: [] });
  });

  it('looks at a cancelled run for longer than anybody may still be proposing it', async () => {
    let now = NOW;
    const it = payoutWorld({ clock: () => now });
    it.owe(AFFILIATES[0]!, 1000n);
    const proposed = await it.proposeRun({ filter: {}, at: NOW, kid: 'maker' });
    if (proposed.kind !== 'proposed') throw new Error(proposed.kind);
    const cancelled = cancelRun(proposed.run, 'checker', NOW);
    if (cancelled.kind !== 'changed') throw new Error(cancelled.kind);
    await it.payouts.mark(cancelled.run.runId, NOW);
    await it.payouts.changeRun(cancelled.run);
    for (const [afterMs, looked] of [
      [0, 1],
      [3_600_000, 1],
      [3_600_001, 1],
      [3_600_002, 0],
    ] as const) {
      now = later(NOW, afterMs);
      expect(await it.checkRuns()).toEqual({ looked, overdue: [] });
      expect([...it.state.payouts.values()]).toMatchObject([{ state: 'cancelled' }]);
    }
  });

  it('leaves a run alone that somebody is sending at the moment', async () => {
    const it = world();
    it.owe(AFFILIATES[0]!, 1000n);
    const { run } = await it.proposed();
    await it.approve(run.runId);
    const { changeRun } = it.payouts;
    it.payouts.changeRun = async (changed) => {
      if (changed.status === 'sent') {
        it.payouts.changeRun = changeRun;
        await it.checkRuns();
      }
      return changeRun(changed);
    };
    await expect(it.send(run.runId)).rejects.toThrow(VersionConflict);
    expect((await it.payouts.run(run.runId))?.status).toBe('sent');
    it.payouts.changeRun = async () => {
      throw new VersionConflict('changed meanwhile');
    };
    it.state.runs.set(run.runId, { ...it.state.runs.get(run.runId)!, status: 'sending' });
    expect(await it.checkRuns()).toEqual({ looked: 1, overdue: [] });
  });
});

describe('whatever dies at whichever write', () => {
  const step = fc.constantFrom('propose', 'approve', 'send', 'cancel', 'check', 'paid', 'rejected', 'returned');
  const fault = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fault>('none') },
    { weight: 1, arbitrary: fc.constant<Fault>('before') },
    { weight: 1, arbitrary: fc.constant<Fault>('after') },
  );

  it('no money is lost or paid twice, and the check finishes what was left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, fc.nat(3)), { maxLength: 25 }),
        fc.array(fault, { maxLength: 120 }),
        fc.boolean(),
        async (steps, faults, isSent) => {
          const pending: Fault[] = [];
          const it = world(() => pending.shift() ?? 'none');
          for (const affiliateId of AFFILIATES) it.owe(affiliateId, 1000n);
          if (isSent) await it.sent();
          pending.push(...faults);
          for (const [does, which] of steps) {
            const runId = [...it.state.runs.keys()].at(-1 - which);
            const payoutId = [...it.state.payouts.keys()].at(-1 - which);
            const work = async () => {
              if (does === 'propose') await it.proposeRun(it.asked);
              else if (does === 'check') await it.checkRuns();
              else if (does === 'approve' || does === 'send' || does === 'cancel') {
                if (runId !== undefined) await it[does](runId);
              } else if (payoutId !== undefined) await it.settleAnswers([it.answer(payoutId, does as 'paid')], 'all');
            };
            await work().catch((error: unknown) => {
              if (!(error instanceof Crash || error instanceof VersionConflict)) throw error;
            });
          }
          pending.length = 0;
          await it.checkRuns();
          for (const affiliateId of AFFILIATES) {
            const account = (await it.readAccounts(affiliateId, NOW))[0]!;
            const { balanceMinor, reservedMinor, inTransitMinor, paidMinor } = account.payable;
            expect(balanceMinor + reservedMinor + inTransitMinor + paidMinor).toBe(1000n);
            expect(balanceMinor).toBeGreaterThanOrEqual(0n);
            // The journal has what was sent, and nothing else.
            expect(it.on(payable(affiliateId))).toBe(inTransitMinor + paidMinor);
          }
          const inState = (state: string) =>
            payoutsIn(it).reduce((sum, each) => (each.state === state ? sum + each.amountMinor : sum), 0n);
          expect([it.on(IN_TRANSIT), it.on(CASH)]).toEqual([-inState('sent'), -inState('paid')]);
          // Nothing is kept aside by a run that was given up.
          for (const payout of payoutsIn(it)) {
            const { status } = it.state.runs.get(payout.runId)!;
            if (status === 'cancelled') expect(payout.state).toBe('cancelled');
            if (status === 'sending') throw new Error('a run hangs');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
