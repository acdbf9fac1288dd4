import prices from '../../infra/prices.json' with { type: 'json' };
import type { UsageFigures } from './usage.ts';

/** What one event (a click, an auto-confirmed lead, a delivery) takes from end to end. */
export interface EventUsage {
  /** To the HTTP API. */
  readonly requests: number;
  /** Invocations of functions; a batch counts for its share. */
  readonly invocations: number;
  /** CPU milliseconds in functions, of a whole vCPU. */
  readonly cpuMs: number;
  /** Calls to the store that a function waits for one after the other. */
  readonly waitedCalls: number;
  /** For others' answers. */
  readonly waitedMs: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** To queues: a batch counts for its share. */
  readonly queueRequests: number;
  readonly bytesOut: number;
}

export interface CostLine {
  readonly item: string;
  readonly dollarsPerMillion: number;
}

const BYTES_PER_GB = 1e9;
const MIB_PER_GB = 1024;
const MILLION = 1e6;
/** Of all functions on these ways. */
const MEMORY_MIB = 512;
/** Of a journal entry, which the month close reads once: one unit is 4 KB. */
const FOLD_READ_UNITS = 542 / 4096;
/** CPU of the functions behind a lead: its journal entry, and its share of a batch of rollups. */
const CPU_BEHIND = { click: 0.1, lead: 0.8 };
/** Both lanes hand out as many at once. */
const DELIVERIES_AT_ONCE = 10;
/** Sending, receiving and deleting a message, or a batch of them. */
const QUEUE_REQUESTS = 3;

/** A click or a lead among many: the readers of its stream get it with as many others as a batch is assumed to have. */
export function eventUsage(usage: UsageFigures, event: 'click' | 'lead'): EventUsage {
  const { writeUnits, readUnits, cpuMs, sdkCalls } = usage[event];
  const streamReaders = event === 'lead' ? 3 : 1;
  return {
    requests: 1,
    invocations: 1 + streamReaders / prices.assumed.recordsPerStreamBatch,
    cpuMs: cpuMs + CPU_BEHIND[event],
    waitedCalls: sdkCalls,
    waitedMs: 0,
    writeUnits,
    readUnits: readUnits + (event === 'lead' ? readUnitsBehind(usage) : 0),
    queueRequests: 0,
    bytesOut: 0,
  };
}

/**
 * A lead that shares nothing: each reader of a stream is called for it alone (the one of rollups once more as its window ends), and no cache
 * knows its campaign, or the destinations of its parties.
 */
export function loneLeadUsage(usage: UsageFigures): EventUsage {
  const { writeUnits, readUnits, calls } = usage.loneLead;
  const readers = 4;
  return {
    ...eventUsage(usage, 'lead'),
    invocations: 1 + readers,
    cpuMs: usage.lead.cpuMs + CPU_BEHIND.lead + readers * prices.assumed.cpuMsPerInvocation,
    waitedCalls: calls,
    writeUnits,
    readUnits: readUnits + readUnitsBehind(usage),
  };
}

/** An event told to one destination that is well, from where it is announced until it has arrived. */
export function deliveryUsage({ delivery }: UsageFigures, company: 'alone' | 'among many'): EventUsage {
  const share = company === 'alone' ? 1 : 1 / DELIVERIES_AT_ONCE;
  const { cpuMsPerInvocation, cpuMsPerHandshake, answerMs, bytesOutPerDelivery } = prices.assumed;
  return {
    requests: 0,
    invocations: share,
    cpuMs: delivery.cpuMs + cpuMsPerHandshake + share * cpuMsPerInvocation,
    // Those of a batch wait side by side.
    waitedCalls: delivery.calls * share,
    waitedMs: answerMs * share,
    writeUnits: delivery.writeUnits,
    readUnits: delivery.readUnits,
    queueRequests: QUEUE_REQUESTS * share,
    bytesOut: bytesOutPerDelivery,
  };
}

/** What checks and bills a lead reads of it: the hourly reconcile, the one of the month close, and the fold. */
const readUnitsBehind = ({ reconcileReadUnits }: UsageFigures): number =>
  reconcileReadUnits * (prices.assumed.hourlyReconcileLooks + 1) + FOLD_READ_UNITS;

/** Dollars per million events, item by item, from the one price file. */
export function costPerMillion(usage: EventUsage): CostLine[] {
  const { dynamoDb, lambda, httpApi, sqs, logs, xRay, dataTransfer, assumed } = prices;
  const vcpus = Math.min(1, MEMORY_MIB / lambda.mibPerVcpu);
  const billedMs = usage.cpuMs / vcpus + usage.waitedCalls * assumed.dynamoDbCallMs + usage.waitedMs;
  const gbSeconds = (billedMs / 1000) * (MEMORY_MIB / MIB_PER_GB);
  const gbPerMillion = (bytes: number): number => (bytes * MILLION) / BYTES_PER_GB;
  const lines: CostLine[] = [
    { item: 'HTTP API request', dollarsPerMillion: usage.requests * httpApi.perMillionRequests },
    { item: 'Lambda invocations', dollarsPerMillion: usage.invocations * lambda.perMillionRequests },
    { item: 'Lambda time', dollarsPerMillion: gbSeconds * MILLION * lambda.perGbSecondArm64 },
    { item: 'DynamoDB writes', dollarsPerMillion: usage.writeUnits * dynamoDb.perMillionWriteUnits },
    { item: 'DynamoDB reads', dollarsPerMillion: usage.readUnits * dynamoDb.perMillionReadUnits },
    { item: 'queues', dollarsPerMillion: usage.queueRequests * sqs.perMillionRequests },
    {
      item: 'access log',
      dollarsPerMillion:
        usage.requests * gbPerMillion(assumed.accessLogBytesPerRequest) * logs.perGbIngestedInfrequentAccess,
    },
    { item: 'traces', dollarsPerMillion: usage.requests * assumed.tracedShare * xRay.perMillionTraces },
    { item: 'data sent', dollarsPerMillion: gbPerMillion(usage.bytesOut) * dataTransfer.perGbOut },
  ];
  return lines.filter(({ dollarsPerMillion }) => dollarsPerMillion > 0);
}

/** Dollars a month for as long as a million items of this size, with their index entries and backups, are kept. */
export function storagePerMillionMonth(storedBytes: number): number {
  const { perGbMonth, backupPerGbMonth } = prices.dynamoDb;
  return ((storedBytes * MILLION) / BYTES_PER_GB) * (perGbMonth + backupPerGbMonth);
}

/** The sum of cost lines in dollars per million. */
export const totalOf = (lines: readonly CostLine[]): number =>
  lines.reduce((sum, line) => sum + line.dollarsPerMillion, 0);
