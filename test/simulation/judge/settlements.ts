import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import { createVolumeFold } from '../../../shared/domain/prices/lead-volumes.ts';
import { isSettledByMonth, monthTargets, type PricedCampaign } from '../../../shared/domain/prices/month-targets.ts';
import type { Stage } from '../actors/actor.ts';
import type { Books } from './books.ts';
import { readCatalog } from './catalog.ts';

/** What depends on no clicks, which nothing tells of that come after a close. */
const JUDGED: ReadonlySet<string> = new Set(['volume_price', 'bonus']);

/** What is settled by the month comes to what the leads of the month call for, whenever and however often it was settled. */
export function judgeSettlements({ world: { engine, settings } }: Stage, books: Books): string | undefined {
  if (!settings.closes) return undefined;
  const settled = settledIn(books);
  for (const campaign of readCatalog(engine).campaigns.values()) {
    if (!isSettledByMonth(campaign)) continue;
    for (const [key, amountMinor] of targetsOf(campaign, books, settings.timeZone)) {
      const stands = settled.get(key) ?? 0n;
      if (stands !== amountMinor) return `${key} is settled with ${stands} instead of ${amountMinor}`;
      settled.delete(key);
    }
  }
  for (const [key, amountMinor] of settled)
    if (amountMinor !== 0n) return `${key} is settled with ${amountMinor} for nothing`;
  return undefined;
}

/** What stands in the journal, by campaign, month, party and kind. */
function settledIn({ entries }: Books): Map<string, bigint> {
  const settled = new Map<string, bigint>();
  for (const { partition, entryId, kind, legs } of entries) {
    const [, campaignId = ''] = entryId.split(':');
    const [, party = '', month = ''] = partition.split('#');
    const isReceivable = party.startsWith('adv_');
    const leg = legs.find(({ account }) => account === `${isReceivable ? 'receivable' : 'payable'}:${party}`);
    if (!entryId.startsWith('settle:') || !JUDGED.has(kind) || leg === undefined) continue;
    const key = `${campaignId} ${month} ${party} ${kind}`;
    const amount = BigInt(leg.amountMinor);
    settled.set(key, (settled.get(key) ?? 0n) + (isReceivable ? amount : -amount));
  }
  return settled;
}

function targetsOf(campaign: PricedCampaign, { leads }: Books, timeZone: string): Map<string, bigint> {
  const folds = new Map<string, ReturnType<typeof createVolumeFold>>();
  for (const lead of leads.values()) {
    if (lead.campaignId !== campaign.campaignId) continue;
    for (const entry of entriesOf(lead, timeZone)) {
      const fold = folds.get(entry.month) ?? createVolumeFold();
      folds.set(entry.month, fold);
      fold.add(entry);
    }
  }
  const targets = new Map<string, bigint>();
  for (const [month, fold] of folds) {
    const facts = { volumes: fold.volumes(), clicks: [] };
    for (const { party, kind, amountMinor } of monthTargets(campaign, month, facts, timeZone)) {
      if (JUDGED.has(kind)) targets.set(`${campaign.campaignId} ${month} ${party} ${kind}`, amountMinor);
    }
  }
  return targets;
}
