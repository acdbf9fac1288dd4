import {
  type BookEntry,
  isLeadEntry,
  JOURNAL_SHARDS,
  type JournalEntry,
  journalShard,
} from '../domain/ledger/entry.ts';
import { createVolumeFold, type LeadVolume } from '../domain/prices/lead-volumes.ts';
import {
  type ClickVolume,
  isSettledByMonth,
  monthTargets,
  type PricedCampaign,
} from '../domain/prices/month-targets.ts';
import { settlementCause, settlementEntries } from '../domain/prices/settlement.ts';
import { type Instant, later, type Month, nextMonth, startOfDay } from '../domain/time/calendar.ts';
import type { CampaignStore } from '../ports/catalog-store.ts';
import { JournalConflict } from '../ports/errors.ts';
import type { JournalReader, JournalWriter } from '../ports/journal.ts';
import type { RollupReader } from '../ports/rollups.ts';

export interface SettleMonthDependencies {
  readonly campaigns: Pick<CampaignStore, 'listOf'>;
  readonly journal: Pick<JournalReader, 'shard' | 'page'> & JournalWriter;
  readonly rollups: RollupReader;
  readonly clock: () => Instant;
  readonly timeZone: string;
}

export interface Settled {
  /** How many entries were posted. */
  readonly posted: number;
}

/** Posts what an advertiser's month still lacks of all that is settled by the month. */
export type SettleMonth = (month: Month, advertiserId: string) => Promise<Settled>;

const PAGE_CAMPAIGNS = 100;
const PAGE_ENTRIES = 100;
const CONCURRENT_READS = 16;
/** How often it begins anew because another worker settles the same month, or affiliates were met that it had not looked for. */
const MAX_ATTEMPTS = 8;

/**
 * Settles an advertiser's month: clicks, prices by volume, bonuses and guarantees of its campaigns, for as much as does not stand in the
 * journals of the advertiser and its affiliates already. Again it posts the difference that came since, or nothing. Reads the month's
 * entries shard by shard, and only where a campaign has such prices. Throws StoreUnavailable, and JournalConflict where another worker
 * keeps being first: what was posted by then stands, and the rest is posted when it is called again.
 */
export function createSettleMonth(dependencies: SettleMonthDependencies): SettleMonth {
  const { journal, timeZone, clock } = dependencies;
  return async (month, advertiserId) => {
    const campaigns = await settledCampaigns(dependencies, advertiserId);
    if (campaigns.length === 0) return { posted: 0 };
    const time = { month, occurredAt: lastInstantOf(month, timeZone), decidedAt: clock() };
    const parties = new Parties(campaigns);
    let count = 0;
    for (let attempt = 1; ; attempt += 1) {
      const clicks = await readClicks(dependencies, month, advertiserId);
      parties.meet(clicks);
      // What stands is read before what it is worked out from: whoever posts meanwhile takes the number of the next entry.
      const posted = await readPosted(journal, month, parties.all());
      const volumes = await readVolumes(journal, month, advertiserId, campaigns);
      if (parties.meet(volumes) && attempt < MAX_ATTEMPTS) continue;
      try {
        for (const campaign of campaigns) {
          const isOwn = (fact: { readonly campaignId?: string | undefined }) => fact.campaignId === campaign.campaignId;
          const facts = { volumes: volumes.filter(isOwn), clicks: clicks.filter(isOwn) };
          const targets = monthTargets(campaign, month, facts, timeZone);
          for (const entry of settlementEntries(campaign, targets, posted.filter(isOwn), time)) {
            if ((await journal.post(entry)) === 'posted') count += 1;
          }
        }
        return { posted: count };
      } catch (error) {
        if (!(error instanceof JournalConflict) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  };
}

const lastInstantOf = (month: Month, timeZone: string): Instant =>
  later(startOfDay(`${nextMonth(month)}-01`, timeZone), -1);

/** The advertiser's campaigns that ever had anything to settle. */
async function settledCampaigns(
  { campaigns }: SettleMonthDependencies,
  advertiserId: string,
): Promise<PricedCampaign[]> {
  const found: PricedCampaign[] = [];
  let position: string | undefined;
  do {
    const page = await campaigns.listOf(advertiserId, PAGE_CAMPAIGNS, position);
    found.push(...page.items.filter(isSettledByMonth));
    position = page.position;
  } while (position !== undefined);
  return found;
}

interface CampaignParty {
  readonly campaignId: string;
  readonly party: string;
}

/** In whose journals entries of each campaign may stand. */
class Parties {
  private readonly known = new Map<string, CampaignParty>();
  private readonly campaignIds: ReadonlySet<string>;

  constructor(campaigns: readonly PricedCampaign[]) {
    this.campaignIds = new Set(campaigns.map(({ campaignId }) => campaignId));
    for (const { campaignId, advertiserId, terms } of campaigns) {
      const guaranteed = terms.flatMap(({ pricing }) => pricing?.guarantees ?? []);
      this.meet([{ campaignId, affiliateId: advertiserId }]);
      this.meet(guaranteed.map(({ affiliateId }) => ({ campaignId, affiliateId })));
    }
  }

  /** Takes up those that were not known, and says whether there were any. */
  meet(facts: readonly { readonly campaignId: string; readonly affiliateId?: string | undefined }[]): boolean {
    const before = this.known.size;
    for (const { campaignId, affiliateId: party } of facts) {
      if (party !== undefined && this.campaignIds.has(campaignId)) {
        this.known.set(`${campaignId}#${party}`, { campaignId, party });
      }
    }
    return this.known.size > before;
  }

  all(): readonly CampaignParty[] {
    return [...this.known.values()];
  }
}

async function readClicks(
  { rollups }: SettleMonthDependencies,
  month: Month,
  advertiserId: string,
): Promise<(ClickVolume & { readonly campaignId: string })[]> {
  const found: (ClickVolume & { readonly campaignId: string })[] = [];
  const partition = { scope: 'adv', ownerId: advertiserId, month } as const;
  for await (const page of rollups.read(partition, `${month}-01`, `${month}-31`)) {
    for (const { key, figures } of page) {
      if (figures.clicks === 0n) continue;
      found.push({ campaignId: key.campaignId, day: key.day, affiliateId: key.affiliateId, clicks: figures.clicks });
    }
  }
  return found;
}

/** The entries that were posted of these before. */
async function readPosted(
  journal: SettleMonthDependencies['journal'],
  month: Month,
  parties: readonly CampaignParty[],
): Promise<BookEntry[]> {
  const found: BookEntry[] = [];
  for (let start = 0; start < parties.length; start += CONCURRENT_READS) {
    const some = parties.slice(start, start + CONCURRENT_READS);
    const entries = await Promise.all(some.map((party) => readPostedOf(journal, month, party)));
    found.push(...entries.flat());
  }
  return found;
}

async function readPostedOf(
  journal: SettleMonthDependencies['journal'],
  month: Month,
  { campaignId, party }: CampaignParty,
): Promise<BookEntry[]> {
  const causeId = settlementCause(campaignId, month);
  const isOwn = (entry: JournalEntry): entry is BookEntry => entry.causeId === causeId && !isLeadEntry(entry);
  const found: BookEntry[] = [];
  let after: string | undefined = `${causeId}#`;
  while (after !== undefined) {
    const page = await journal.page(party, month, journalShard(causeId), PAGE_ENTRIES, after);
    found.push(...page.entries.filter(isOwn));
    after = page.entries.every(isOwn) ? page.lastEntryId : undefined;
  }
  return found;
}

/** What the leads of these campaigns came to. */
async function readVolumes(
  journal: SettleMonthDependencies['journal'],
  month: Month,
  advertiserId: string,
  campaigns: readonly PricedCampaign[],
): Promise<LeadVolume[]> {
  const campaignIds = new Set(campaigns.map(({ campaignId }) => campaignId));
  const fold = createVolumeFold();
  for (let shard = 0; shard < JOURNAL_SHARDS; shard += 1) {
    for await (const page of journal.shard(advertiserId, month, shard)) {
      for (const entry of page) if (isLeadEntry(entry) && campaignIds.has(entry.campaignId)) fold.add(entry);
    }
  }
  return fold.volumes();
}
