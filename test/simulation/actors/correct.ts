import { ADVERTISERS, AFFILIATES, FINANCE, OPERATOR } from '../network.ts';
import { Violation } from '../world.ts';
import { type Actor, pick, type Stage } from './actor.ts';

const [SHOP, OTHER_SHOP] = ADVERTISERS.map(({ advertiserId }) => `receivable:${advertiserId}`);
const PUBLISHERS = AFFILIATES.map(({ affiliateId }) => `payable:${affiliateId}`);
const BOOKINGS = [
  { kind: 'bonus', account: PUBLISHERS[0], amount: '12.34' },
  { kind: 'adjustment', account: PUBLISHERS[1], amount: '-30.01' },
  { kind: 'fee', account: SHOP, amount: '5.00' },
  { kind: 'adjustment', account: OTHER_SHOP, amount: '-0.01' },
  { kind: 'write_off', account: SHOP, amount: '1.00' },
  { kind: 'fee', account: PUBLISHERS[2], amount: '100.00' },
] as const;
const CURRENCIES = ['EUR', 'USD'] as const;
const DECISIONS = ['approve', 'approve', 'reject'] as const;
const AFTER_MS = [0, 5_000, 26 * 3_600_000] as const;

/** The operator, who proposes to book something, and finance, which decides on it; both again where no answer came. */
export const correct: Actor = {
  name: 'correct',
  weight: 3,
  of: 'books',
  // what, currency, decision, after, by itself, how often at once
  choices: [BOOKINGS.length, CURRENCIES.length, DECISIONS.length, AFTER_MS.length, 2, 2],
  async act(stage, number, [what, currency, decision, after, byItself = 0, more = 0]) {
    const { world } = stage;
    const booking = { ...pick(BOOKINGS, what), currency: pick(CURRENCIES, currency) };
    const json = { ...booking, reason: 'by hand', externalId: `booking-${number}` };
    const proposed = await world.insist('manage-bookings', { route: 'POST /v1/corrections', key: OPERATOR.key, json });
    if (proposed.status !== 201 && proposed.status !== 200) return;
    const path = { correctionId: proposed.body.correctionId as string };
    if (byItself === 1) await approveOwn(stage, path);
    await world.scheduler.sleep(pick(AFTER_MS, after));
    const route = `POST /v1/corrections/{correctionId}/${pick(DECISIONS, decision)}`;
    const other = `POST /v1/corrections/{correctionId}/${pick(DECISIONS, (decision ?? 0) + 1)}`;
    await Promise.all(
      [route, ...(more === 1 ? [other] : [])].map((each, instance) =>
        world.insist('manage-bookings', { route: each, key: FINANCE.key, path }, instance),
      ),
    );
  },
};

async function approveOwn({ world }: Stage, path: Readonly<Record<string, string>>): Promise<void> {
  const route = 'POST /v1/corrections/{correctionId}/approve';
  const { status } = await world.insist('manage-bookings', { route, key: OPERATOR.key, path });
  if (status === 200) throw new Violation(`${path['correctionId']} was approved by whoever proposed it`);
}
