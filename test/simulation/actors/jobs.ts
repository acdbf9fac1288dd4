import { ADVERTISERS, AFFILIATES, CAMPAIGNS, type Key, OPERATOR } from '../network.ts';
import { type Actor, type Job, namedLeads, pick, type Stage } from './actor.ts';

const MOVES = ['confirm', 'reject', 'reverse'] as const;
const SIZES = [3, 1, 8] as const;
const MAX_TRIES = 3;

/** Somebody who decides many leads at once, and sends the same again where no answer came. */
export const decideMany: Actor = {
  name: 'decide-many',
  weight: 3,
  // move, first lead, how many, who, how often at once
  choices: [MOVES.length, 16, SIZES.length, 2, 2],
  async act(stage, _number, [move, first = 0, size, who, more = 0]) {
    const leadIds = namedLeads(stage);
    const lines = Array.from({ length: Math.min(pick(SIZES, size), leadIds.length) }, (_, index) => ({
      leadId: pick(leadIds, first + index),
      action: pick(MOVES, index % 2 === 0 ? move : (move ?? 0) + 1),
      reason: 'many at once',
    }));
    if (lines.length === 0) return;
    const key = pick([OPERATOR, ADVERTISERS[0].keys[0]], who) ?? OPERATOR;
    await Promise.all(
      Array.from({ length: 1 + more }, (_, instance) =>
        send(stage, { route: 'POST /v1/leads/decisions', key, job: { kind: 'decisions', lines } }, instance),
      ),
    );
  },
};

const AGES_MS = [3_600_000, 0, 40 * 86_400_000] as const;

/** The operator, who brings clicks and conversions from another tracker; some of them twice. */
export const importLeads: Actor = {
  name: 'import',
  weight: 2,
  // campaign, affiliate, size, age, how often at once
  choices: [CAMPAIGNS.length, AFFILIATES.length, SIZES.length, AGES_MS.length, 2],
  async act(stage, number, [campaignChoice, affiliateChoice, size, age, more = 0]) {
    const campaign = pick(CAMPAIGNS, campaignChoice).campaignId;
    const affiliate = pick(AFFILIATES, affiliateChoice).affiliateId;
    const fromMs = stage.world.scheduler.nowMs() - pick(AGES_MS, age) - 60_000;
    const at = (offsetMs: number): string => new Date(fromMs + offsetMs).toISOString();
    const lines = Array.from({ length: pick(SIZES, size) }, (_, index) => index).flatMap((index) => [
      { type: 'click', at: at(0), campaign, affiliate, click_ref: `ref-${number}-${index}` },
      // Every third order is one that was reported before.
      {
        type: 'conversion',
        at: at(30_000),
        campaign,
        click_ref: `ref-${number}-${index}`,
        transaction_id: index % 3 === 2 ? `order-${Math.max(0, number - 1)}` : `import-${number}-${index}`,
      },
    ]);
    const request = { route: 'POST /v1/imports', key: OPERATOR, job: { kind: 'import', lines } } as const;
    await Promise.all(Array.from({ length: 1 + more }, (_, instance) => send(stage, request, instance)));
  },
};

async function send(
  { world, jobs }: Stage,
  { route, key, job }: { readonly route: string; readonly key: Key; readonly job: Job },
  instance: number,
): Promise<void> {
  const name = job.kind === 'import' ? 'accept-imports' : 'accept-decisions';
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const { status, body } = await world.call(name, { route, key: key.key, lines: job.lines }, instance);
    if (status === 202) jobs.set((body.importId ?? body.decisionId) as string, job);
    if (status !== 0 && status < 500) return;
    await world.scheduler.sleep(2_000);
  }
}
