import type { Campaign } from '../domain/catalog/campaign.ts';
import { type Contribution, leadContribution, touchContribution } from '../domain/rollups/contribution.ts';
import { NO_FIGURES, sameFigures } from '../domain/rollups/figures.ts';
import { foldInto, type Rollup, rollupKeyText } from '../domain/rollups/fold.ts';
import { keepsAllTouches, rebuiltFigures } from '../domain/rollups/rebuild.ts';
import type { RollupScope } from '../domain/rollups/rollup-key.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { RollupFacts, RollupRepair, StoredRollup } from '../ports/rollups.ts';
import { reserveSlots } from './reserve-slots.ts';

export interface RebuildRollupsDependencies {
  readonly rollups: RollupRepair;
  readonly facts: RollupFacts;
  readonly campaign: (campaignId: string) => Promise<Campaign | undefined>;
  readonly timeZone: string;
  readonly clock: () => Instant;
  /** Resolves after a time in which a stream that has anything to tell is sure to have told it. */
  readonly waitForStreams: () => Promise<void>;
  /** Told what is being done, in a line. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** How many items of a scope were looked at, set right, and kept more clicks or impressions than there are touches left to count. */
export interface RebuildCount {
  readonly checked: number;
  readonly changed: number;
  readonly clicksKept: number;
}

export interface RebuildResult {
  /** `busy`: something was written meanwhile. The figures may be wrong: rebuild again while nothing comes in. */
  readonly outcome: 'rebuilt' | 'busy';
  readonly scopes: ReadonlyMap<RollupScope, RebuildCount>;
}

/** How often streams are waited for before it is plain that they never fall silent. */
const MAX_WAITS = 20;
const WRITES_AT_ONCE = 32;

/**
 * Sets every rollup to the fold of the leads and touches, as its figures must be once the streams are drained. What items know of applied
 * records is left as it is, and so are the places of values, so that the streams go on where they were. Only for quiet times: it waits until the
 * figures stand still, and says where they did not.
 */
export function createRebuildRollups(dependencies: RebuildRollupsDependencies): () => Promise<RebuildResult> {
  const { rollups, clock, onProgress = () => undefined } = dependencies;
  return async () => {
    onProgress('waiting until the figures stand still');
    const stored = await readStill(dependencies);
    if (stored === undefined) return { outcome: 'busy', scopes: new Map() };
    onProgress(`adding up leads and touches for ${stored.size} items`);
    const folded = await foldFacts(dependencies);
    const targets = await targetsOf(dependencies, stored, folded);
    onProgress(`setting ${targets.filter(({ isRight }) => !isRight).length} items`);
    const isSet = await setAll(
      rollups,
      targets.filter(({ isRight }) => !isRight),
      clock(),
    );
    onProgress('adding up once more, and comparing');
    await dependencies.waitForStreams();
    const again = await targetsOf(dependencies, await readAll(rollups), await foldFacts(dependencies));
    const isSame = isSet && again.every(({ isRight }) => isRight);
    return { outcome: isSame ? 'rebuilt' : 'busy', scopes: countsOf(targets) };
  };
}

/** Sets items to their targets; false where any of them had changed meanwhile. */
async function setAll(rollups: RollupRepair, targets: readonly Target[], at: Instant): Promise<boolean> {
  let allSet = true;
  for (let start = 0; start < targets.length; start += WRITES_AT_ONCE) {
    const written = await Promise.all(
      targets
        .slice(start, start + WRITES_AT_ONCE)
        .map(({ rollup, before }) => rollups.replace(rollup, before?.figures, at)),
    );
    allSet &&= written.every(Boolean);
  }
  return allSet;
}

function countsOf(targets: readonly Target[]): Map<RollupScope, RebuildCount> {
  const counts = new Map<RollupScope, RebuildCount>();
  for (const { rollup, isRight, clicksKept } of targets) {
    const { scope } = rollup.key;
    const { checked, changed, clicksKept: kept } = counts.get(scope) ?? { checked: 0, changed: 0, clicksKept: 0 };
    counts.set(scope, {
      checked: checked + 1,
      changed: changed + (isRight ? 0 : 1),
      clicksKept: kept + (clicksKept ? 1 : 0),
    });
  }
  return counts;
}

/** All items, once they were the same before and after a wait; undefined where that never comes. */
async function readStill({
  rollups,
  waitForStreams,
}: RebuildRollupsDependencies): Promise<Map<string, StoredRollup> | undefined> {
  let before = await readAll(rollups);
  for (let waits = 0; waits < MAX_WAITS; waits += 1) {
    await waitForStreams();
    const after = await readAll(rollups);
    const isStill =
      after.size === before.size &&
      [...after].every(([text, { figures }]) => sameFigures(figures, before.get(text)?.figures ?? NO_FIGURES));
    if (isStill) return after;
    before = after;
  }
  return undefined;
}

async function readAll(rollups: RollupRepair): Promise<Map<string, StoredRollup>> {
  const items = new Map<string, StoredRollup>();
  for await (const page of rollups.all()) for (const item of page) items.set(rollupKeyText(item.key), item);
  return items;
}

async function foldFacts({
  rollups,
  facts,
  campaign,
  timeZone,
}: RebuildRollupsDependencies): Promise<Map<string, Rollup>> {
  const items = new Map<string, Rollup>();
  const add = async (contributions: readonly Contribution[]) =>
    foldInto(items, contributions, await reserveSlots(contributions, rollups));
  for await (const leads of facts.leads()) await add(leads.map((lead) => leadContribution(lead, timeZone)));
  for await (const touches of facts.touches()) {
    const contributions: Contribution[] = [];
    for (const touch of touches) {
      const owner = await campaign(touch.campaignId);
      if (owner === undefined) throw new Error(`The campaign ${touch.campaignId} of a touch is not in the catalog`);
      contributions.push(touchContribution(touch, owner, timeZone));
    }
    await add(contributions);
  }
  return items;
}

interface Target {
  readonly rollup: Rollup;
  readonly before: StoredRollup | undefined;
  readonly isRight: boolean;
  readonly clicksKept: boolean;
}

/** What every item must be that is stored or was added up. */
async function targetsOf(
  { campaign, clock, timeZone }: RebuildRollupsDependencies,
  stored: ReadonlyMap<string, StoredRollup>,
  folded: ReadonlyMap<string, Rollup>,
): Promise<Target[]> {
  const now = clock();
  const targets: Target[] = [];
  for (const [text, item] of new Map<string, Rollup>([...stored, ...folded])) {
    const before = stored.get(text);
    const sums = folded.get(text)?.figures ?? NO_FIGURES;
    const owner = await campaign(item.key.campaignId);
    const allKept = owner === undefined || keepsAllTouches(item.key.day, owner, now, timeZone);
    const figures = rebuiltFigures(before?.figures ?? NO_FIGURES, sums, allKept);
    targets.push({
      rollup: { key: item.key, currency: item.currency, figures },
      before,
      isRight: sameFigures(figures, before?.figures ?? NO_FIGURES),
      clicksKept: figures.clicks !== sums.clicks || figures.impressions !== sums.impressions,
    });
  }
  return targets;
}
