import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Cap, type Caps, capPeriods, capScopes } from '../../../shared/domain/caps/caps.ts';
import {
  amountsOf,
  type CountedLead,
  type CounterItem,
  concerns,
  suffixOf,
} from '../../../shared/domain/caps/counter.ts';
import { labelsOf } from '../../../shared/domain/caps/period-label.ts';
import { settleCaps } from '../../../shared/domain/caps/settle-caps.ts';
import { ADVERTISER_ID, AFFILIATE_ID, CAMPAIGN_ID, later, OTHER_AFFILIATE_ID } from '../../support/builders.ts';
import { memoryCounters } from '../../support/memory-counters.ts';

const NOW = '2026-10-25T00:30:00.000Z';
const ZONE = 'Europe/Berlin';
const HOUR_MS = 3_600_000;

const capArbitrary: fc.Arbitrary<Cap> = fc
  .record({
    scope: fc.constantFrom(...capScopes),
    period: fc.constantFrom(...capPeriods),
    units: fc.integer({ min: 0, max: 9 }),
    money: fc.option(fc.integer({ min: 0, max: 999 })),
  })
  .map(({ scope, period, units, money }) => ({
    scope,
    period,
    measure: money === null ? 'leads' : 'charge',
    limit: money === null ? BigInt(units) : BigInt(units * 1000 + money),
    ...(scope === 'source' && { sub: 'sub1' }),
    over: 'reject',
  }));

interface Version {
  readonly effectiveFrom: string;
  readonly caps?: Caps | undefined;
  readonly chargeMinor: bigint;
}

const versionsArbitrary: fc.Arbitrary<Version[]> = fc
  .array(
    fc.record({ limits: fc.array(capArbitrary, { maxLength: 3 }), chargeMinor: fc.constantFrom(1000n, 1000n, 2500n) }),
    { minLength: 1, maxLength: 3 },
  )
  .map((versions) =>
    versions.map(({ limits, chargeMinor }, index) => ({
      effectiveFrom: later(NOW, index * HOUR_MS),
      caps: limits.length === 0 ? undefined : { limits, reversalFrees: false },
      chargeMinor,
    })),
  );

const newLead = fc.record({
  version: fc.nat({ max: 2 }),
  affiliateId: fc.constantFrom(AFFILIATE_ID, AFFILIATE_ID, OTHER_AFFILIATE_ID),
  sub1: fc.constantFrom('a', 'b'),
  hours: fc.constantFrom(0, 0, 0, 1, -1, -5, -26, -100, -1000),
});

/** What the next of some who work at once does: goes on with what it does, or begins with this. */
const turn = fc.record({
  actor: fc.nat({ max: 3 }),
  gives: fc.constantFrom('take', 'take', 'take', 'free', 'exchange'),
  which: fc.nat(),
  lead: newLead,
  nowHours: fc.constantFrom(0, 0, 1, 2, 3, 30, 800),
});

interface Job {
  readonly take?: { readonly lead: CountedLead; readonly terms: Version } | undefined;
  readonly free?: { readonly lead: CountedLead; readonly reserved: string } | undefined;
  readonly now: string;
  readonly known: Map<string, CounterItem>;
  readonly queue: string[];
  attempt: number;
}

it('never counts more than any limit, however many work at once, and leaves no room unused', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      versionsArbitrary,
      fc.integer({ min: 1, max: 5 }),
      fc.array(turn, { minLength: 60, maxLength: 250 }),
      (terms, capShards, turns) => {
        const store = memoryCounters();
        const campaign = { timeZone: ZONE, capShards, terms };
        const held: { lead: CountedLead; reserved: string }[] = [];
        /** Held until they are given back. */
        const leaving = new Set<{ lead: CountedLead; reserved: string }>();
        const jobs: (Job | undefined)[] = [];

        const leadOf = ({ version, affiliateId, sub1, hours }: (typeof turns)[number]['lead']) => {
          const own = terms[version % terms.length]!;
          const lead: CountedLead = {
            campaignId: CAMPAIGN_ID,
            advertiserId: ADVERTISER_ID,
            affiliateId,
            subIds: { sub1 },
            occurredAt: later(NOW, hours * HOUR_MS),
            chargeMinor: own.chargeMinor,
            currency: 'EUR',
          };
          return { lead, terms: own };
        };
        /** How much is held of what a cap counts together with a lead, that lead aside. */
        const used = (cap: Cap, lead: CountedLead): bigint =>
          [...held, ...leaving]
            .filter(
              ({ lead: other }) =>
                concerns(cap, other) &&
                (cap.scope === 'campaign' || other.affiliateId === lead.affiliateId) &&
                (cap.scope !== 'source' || other.subIds['sub1'] === lead.subIds['sub1']) &&
                labelsOf(other.occurredAt, ZONE)[cap.period] === labelsOf(lead.occurredAt, ZONE)[cap.period],
            )
            .reduce((sum, { lead: other }) => sum + (amountsOf(other)[suffixOf(cap, other)] ?? 0n), 0n);
        const isFull = (cap: Cap, lead: CountedLead, need: bigint) => used(cap, lead) + need > cap.limit;

        const step = (actor: number, job: Job): void => {
          const next = job.queue.shift();
          if (next !== undefined) {
            job.known.set(next, store.readOne(next));
            return;
          }
          const { take, free, now, known, attempt } = job;
          const settled = settleCaps(
            { campaign, now, take, free, start: actor + attempt, mayRoll: attempt === 0 },
            known,
          );
          if (settled.kind === 'read') job.queue.push(...settled.itemIds);
          if (settled.kind === 'stale') job.queue.push(...known.keys());
          if (settled.kind !== 'settled' && settled.kind !== 'over') return;
          if (!store.commit(settled.writes)) {
            job.known.clear();
            job.attempt += 1;
            return;
          }
          jobs[actor] = undefined;
          if (free !== undefined) leaving.delete(free);
          if (settled.kind === 'settled' && take !== undefined && settled.reserved !== undefined) {
            held.push({ lead: take.lead, reserved: settled.reserved });
            taken += 1;
            for (const cap of take.terms.caps?.limits ?? []) expect(isFull(cap, take.lead, 0n)).toBe(false);
          }
        };
        const finish = (actor: number, job: Job): void => {
          for (let steps = 0; jobs[actor] === job; steps += 1) {
            if (steps > 500) throw new Error('it never ends');
            step(actor, job);
          }
        };
        const begin = (actor: number, { gives, which, lead, nowHours }: (typeof turns)[number]): void => {
          const now = later(NOW, nowHours * HOUR_MS);
          const freed = gives === 'take' || held.length === 0 ? undefined : held.splice(which % held.length, 1)[0];
          if (freed !== undefined) leaving.add(freed);
          const take = gives === 'free' && freed !== undefined ? undefined : leadOf(lead);
          jobs[actor] = { take, free: freed, now, known: new Map(), queue: [], attempt: 0 };
        };

        for (const each of turns) {
          const job = jobs[each.actor];
          if (job === undefined) begin(each.actor, each);
          else step(each.actor, job);
        }
        for (const [actor, job] of jobs.entries()) if (job !== undefined) finish(actor, job);

        // Alone, a lead is let in where there is room for it, and only there.
        for (const { lead, nowHours } of turns.slice(0, 5)) {
          const take = leadOf(lead);
          const room = (take.terms.caps?.limits ?? []).every(
            (cap) =>
              !concerns(cap, take.lead) ||
              !isFull(cap, take.lead, amountsOf(take.lead)[suffixOf(cap, take.lead)] ?? 0n),
          );
          const known = new Map([...store.items]);
          const ask = () =>
            settleCaps({ campaign, now: later(NOW, nowHours * HOUR_MS), take, start: 0, mayRoll: true }, known);
          let answer = ask();
          while (answer.kind === 'read') {
            for (const itemId of answer.itemIds) known.set(itemId, store.readOne(itemId));
            answer = ask();
          }
          expect(answer.kind).toBe(room ? 'settled' : 'over');
        }
        // What is counted is what is held.
        for (const { lead, reserved } of held.splice(0)) {
          jobs[0] = { free: { lead, reserved }, now: NOW, known: new Map(), queue: [], attempt: 0 };
          finish(0, jobs[0]);
        }
        const left = [...store.items.values()].flatMap(({ counts }) => Object.values(counts));
        expect(left.every((count) => count === 0n)).toBe(true);
      },
    ),
    { numRuns: 120 },
  );
  expect(taken).toBeGreaterThan(300);
});
