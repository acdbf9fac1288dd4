import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { imageToItem, leadChangeOf } from '../../shared/adapters/dynamodb/stream-records.ts';
import { countedTouchFromItem } from '../../shared/adapters/dynamodb/touches.ts';
import { type Contribution, leadDelta, touchContribution } from '../../shared/domain/rollups/contribution.ts';
import { deltasOf, type FeedRecord } from '../../shared/domain/rollups/fold.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { RollupWriter } from '../../shared/ports/rollups.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { reserveSlots } from '../../shared/use-cases/reserve-slots.ts';

/** A batch of one shard as Lambda gives it with a tumbling window: it tells the shard, which other batches do not. */
export interface WindowEvent extends DynamoDBStreamEvent {
  readonly shardId?: string | undefined;
}

export interface WindowState {
  readonly state: Record<string, never>;
}

export interface RollUpDependencies {
  readonly rollups: RollupWriter;
  readonly catalog: Pick<CatalogReader, 'campaign'>;
  readonly timeZone: string;
  readonly clock: Clock;
}

/**
 * Adds a batch of the leads' or the touches' stream to the rollups. Nothing is kept in the window's state: what is written at once is never
 * lost with it. Throws where anything could not be added; the batch then comes again, whole or cut, and adds only what is missing.
 */
export function createRollUp(dependencies: RollUpDependencies): (event: WindowEvent) => Promise<WindowState> {
  const { rollups, clock } = dependencies;
  return async ({ Records, shardId }) => {
    const [first] = Records;
    if (first === undefined) return { state: {} };
    if (shardId === undefined)
      throw new Error('The batch does not name its shard: the event source needs a tumbling window');
    const records: FeedRecord[] = [];
    for (const record of Records) records.push(await feedRecordOf(record, dependencies));
    const hasSlot = await reserveSlots(
      records.flatMap(({ contributions }) => contributions),
      rollups,
    );
    // Shards of different streams may have the same id.
    await rollups.apply(`${isTouch(first) ? 'T' : 'L'}${shardId}`, deltasOf(records, hasSlot), clock());
    return { state: {} };
  };
}

const isTouch = (record: DynamoDBRecord): boolean => record.dynamodb?.Keys?.['touchId'] !== undefined;

async function feedRecordOf(record: DynamoDBRecord, dependencies: RollUpDependencies): Promise<FeedRecord> {
  const sequence = record.dynamodb?.SequenceNumber;
  if (sequence === undefined) throw new Error('A record has no sequence number');
  const contributions = isTouch(record) ? await touchOf(record, dependencies) : leadsOf(record, dependencies.timeZone);
  return { sequence: BigInt(sequence), contributions };
}

function leadsOf(record: DynamoDBRecord, timeZone: string): Contribution[] {
  const { before, after } = leadChangeOf(record);
  return leadDelta(before, after, timeZone);
}

/** Only a new touch counts: the same one may be put again, and an old one is forgotten without having been undone. */
async function touchOf(record: DynamoDBRecord, { catalog, timeZone }: RollUpDependencies): Promise<Contribution[]> {
  const image = record.dynamodb?.NewImage;
  if (record.eventName !== 'INSERT' || image === undefined) return [];
  const touch = countedTouchFromItem(imageToItem(image));
  const campaign = await catalog.campaign(touch.campaignId);
  if (campaign === undefined) throw new Error(`The campaign ${touch.campaignId} of a touch is not in the catalog`);
  return [touchContribution(touch, campaign, timeZone)];
}
