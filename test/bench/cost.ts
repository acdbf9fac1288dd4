import prices from '../../infra/prices.json' with { type: 'json' };

/** What one event (a click, an auto-confirmed lead) takes from end to end. */
export interface EventUsage {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Invocations of functions; a batch counts for its share. */
  readonly invocations: number;
  /** CPU milliseconds in functions, of a whole vCPU. */
  readonly cpuMs: number;
  /** Calls that a function waits for one after the other. */
  readonly waitedCalls: number;
  readonly memoryMib: number;
}

export interface CostLine {
  readonly item: string;
  readonly dollarsPerMillion: number;
}

const BYTES_PER_GB = 1e9;
const MIB_PER_GB = 1024;
const MILLION = 1e6;

/** Dollars per million events, item by item, from the one price file. */
export function costPerMillion(usage: EventUsage): CostLine[] {
  const { dynamoDb, lambda, httpApi, logs, xRay, assumed } = prices;
  const vcpus = Math.min(1, usage.memoryMib / lambda.mibPerVcpu);
  const billedMs = usage.cpuMs / vcpus + usage.waitedCalls * assumed.dynamoDbCallMs;
  const gbSeconds = (billedMs / 1000) * (usage.memoryMib / MIB_PER_GB);
  return [
    { item: 'HTTP API request', dollarsPerMillion: httpApi.perMillionRequests },
    { item: 'Lambda invocations', dollarsPerMillion: usage.invocations * lambda.perMillionRequests },
    { item: 'Lambda time', dollarsPerMillion: gbSeconds * MILLION * lambda.perGbSecondArm64 },
    { item: 'DynamoDB writes', dollarsPerMillion: usage.writeUnits * dynamoDb.perMillionWriteUnits },
    { item: 'DynamoDB reads', dollarsPerMillion: usage.readUnits * dynamoDb.perMillionReadUnits },
    {
      item: 'access log',
      dollarsPerMillion:
        ((assumed.accessLogBytesPerRequest * MILLION) / BYTES_PER_GB) * logs.perGbIngestedInfrequentAccess,
    },
    { item: 'traces', dollarsPerMillion: assumed.tracedShare * xRay.perMillionTraces },
  ];
}

/** Dollars a month for as long as a million items of this size, with their index entries and backups, are kept. */
export function storagePerMillionMonth(storedBytes: number): number {
  const { perGbMonth, backupPerGbMonth } = prices.dynamoDb;
  return ((storedBytes * MILLION) / BYTES_PER_GB) * (perGbMonth + backupPerGbMonth);
}

/** The sum of cost lines in dollars per million. */
export const totalOf = (lines: readonly CostLine[]): number =>
  lines.reduce((sum, line) => sum + line.dollarsPerMillion, 0);
