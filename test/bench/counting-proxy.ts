import { startEngineProxy } from '../support/engine-proxy.ts';

/** What was asked of one table by one operation. */
export interface Usage {
  readonly table: string;
  readonly operation: string;
  calls: number;
  /** Write or read units, with those of the indexes. */
  units: number;
}

export interface CountingProxy {
  readonly url: string;
  /** What was counted since the last call. */
  take(): Usage[];
  close(): void;
}

const METERED = new Set([
  'PutItem',
  'GetItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'BatchGetItem',
  'TransactWriteItems',
]);

/** What one event takes, from the engine's own account of it. */
export interface UnitFigures {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** By table: write units of the event from request to rollup. */
  readonly byTable: Readonly<Record<string, number>>;
}

export interface CountedFigures extends UnitFigures {
  /** To the store, all in all. */
  readonly calls: number;
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems']);
interface Capacity {
  readonly TableName?: string;
  readonly CapacityUnits?: number;
}

interface Answered {
  /** One of a single item, one for each table of a batch or a transaction. */
  readonly ConsumedCapacity?: Capacity | readonly Capacity[];
}

/** Stands before the DynamoDB engine and counts calls and capacity units. */
export async function startCountingProxy(engineUrl: string): Promise<CountingProxy> {
  let usages = new Map<string, Usage>();

  const count = (table: string, operation: string, units: number): void => {
    const key = `${table} ${operation}`;
    const usage = usages.get(key) ?? { table, operation, calls: 0, units: 0 };
    usage.calls += 1;
    usage.units += units;
    usages.set(key, usage);
  };

  const proxy = await startEngineProxy(engineUrl, async ({ operation, body, forward }) => {
    if (!METERED.has(operation)) return { answer: await forward() };
    const asked = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    const answer = await forward(Buffer.from(JSON.stringify({ ...asked, ReturnConsumedCapacity: 'TOTAL' })));
    const { ConsumedCapacity = [] } = JSON.parse(answer.body.toString()) as Answered;
    for (const { TableName = '', CapacityUnits = 0 } of [ConsumedCapacity].flat()) {
      count(TableName, operation, CapacityUnits);
    }
    return { answer };
  });

  return {
    url: proxy.url,
    take: () => {
      const taken = [...usages.values()];
      usages = new Map();
      return taken;
    },
    close: () => proxy.close(),
  };
}

/** What one of so many events took. */
export function unitsOf(usages: readonly Usage[], events: number): CountedFigures {
  const sum = (wanted: readonly Usage[]) => wanted.reduce((units, usage) => units + usage.units, 0) / events;
  const writes = usages.filter(({ operation }) => WRITES.has(operation));
  const byTable = Object.groupBy(writes, ({ table }) => table.replace(/^.*-/, ''));
  return {
    calls: usages.reduce((calls, usage) => calls + usage.calls, 0) / events,
    writeUnits: sum(writes),
    readUnits: sum(usages.filter(({ operation }) => !WRITES.has(operation))),
    byTable: Object.fromEntries(Object.entries(byTable).map(([table, usage]) => [table, sum(usage ?? [])])),
  };
}
