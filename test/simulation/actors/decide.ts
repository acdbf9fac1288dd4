import { ADVERTISERS, AFFILIATES, OPERATOR } from '../network.ts';
import { Violation } from '../world.ts';
import { type Actor, namedLeads, pick, type Stage } from './actor.ts';

const MOVES = [
  { action: 'confirm' },
  { action: 'reject' },
  { action: 'reverse' },
  { action: 'reverse', amount: '5.00' },
  { action: 'reverse', amount: '12.34' },
] as const;
const AFTER_MS = [0, 2_000, 3_600_000, 26 * 3_600_000] as const;
const MAX_TRIES = 3;
const ASKERS = [
  { key: ADVERTISERS[0].keys[0], advertiserId: ADVERTISERS[0].advertiserId },
  { key: OPERATOR, advertiserId: undefined },
  { key: ADVERTISERS[1].keys[0], advertiserId: ADVERTISERS[1].advertiserId },
  { key: AFFILIATES[0].keys[0], advertiserId: 'none' },
] as const;

/** Somebody who confirms, rejects or reverses a lead, or a part of it, that was named in an answer, and asks again where no answer came. */
export const decide: Actor = {
  name: 'decide',
  weight: 8,
  // move, which lead, who, after, how often at once
  choices: [MOVES.length, 16, ASKERS.length, AFTER_MS.length, 3],
  async act(stage, _number, [move, which, who, after, more = 0]) {
    await stage.world.scheduler.sleep(pick(AFTER_MS, after));
    const leadIds = namedLeads(stage);
    if (leadIds.length === 0) return;
    const request = { move: pick(MOVES, move), leadId: pick(leadIds, which), asker: pick(ASKERS, who) };
    await Promise.all(Array.from({ length: 1 + more }, (_, instance) => ask(stage, request, instance % 2)));
  },
};

const RETURNS = [MOVES[2], MOVES[3], MOVES[4]] as const;
/** On both sides of the close of a month. */
const RETURNED_AFTER_MS = [0, 26 * 3_600_000, 32 * 86_400_000] as const;

/** The operator, who takes back leads that may be on documents by now, in whole or in parts. */
export const giveBack: Actor = {
  name: 'give-back',
  weight: 4,
  of: 'books',
  // how, first lead, how many, after, how often at once
  choices: [RETURNS.length, 16, 3, RETURNED_AFTER_MS.length, 2],
  async act(stage, _number, [how, which = 0, many = 0, after, more = 0]) {
    await stage.world.scheduler.sleep(pick(RETURNED_AFTER_MS, after));
    const leadIds = namedLeads(stage);
    for (let at = which; at <= which + many && leadIds.length > 0; at += 1) {
      const request = { move: pick(RETURNS, how), leadId: pick(leadIds, at), asker: ASKERS[1] };
      await Promise.all(Array.from({ length: 1 + more }, (_, instance) => ask(stage, request, instance)));
    }
  },
};

async function ask(
  { world, decisions }: Stage,
  { move, leadId, asker }: { move: (typeof MOVES)[number]; leadId: string; asker: (typeof ASKERS)[number] },
  instance: number,
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const { status, body } = await world.call(
      'manage-leads',
      {
        route: `POST /v1/leads/{leadId}/${move.action}`,
        key: asker.key?.key,
        path: { leadId },
        json: { reason: 'by hand', ...('amount' in move && { amount: move.amount }) },
      },
      instance,
    );
    if (status === 200) {
      if (asker.advertiserId !== undefined && asker.advertiserId !== body.advertiserId) {
        throw new Violation(`${asker.advertiserId} moved ${leadId}, which is another's`);
      }
      decisions.push({ leadId, status: body.status as string });
    }
    if (status !== 0 && status < 500) return;
    await world.scheduler.sleep(1_000);
  }
}
