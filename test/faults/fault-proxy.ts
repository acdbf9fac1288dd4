import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../infra/tools/demo/random.ts';
import { type CallEnd, type EngineAnswer, type EngineCall, startEngineProxy } from '../support/engine-proxy.ts';

/** What may befall a call, and what of it the engine sees. */
export const FAULT_KINDS = [
  /** Nothing: the socket is closed before the call goes out. */
  'lostBefore',
  /** Half of it: the socket is cut in the middle of the call. */
  'cutCall',
  /** All of it, and its answer never comes back. */
  'lostAfter',
  /** All of it, and the socket is cut in the middle of its answer. */
  'cutAnswer',
  /** All of it, later: perhaps after the caller has given up and tried again. */
  'delayed',
  /** Nothing: it takes no more calls for now. */
  'throttled',
  /** Nothing, or all of it; the answer is a 500 that does not say which. */
  'failed',
  /** Nothing: another transaction is at one of the items. Of transactions only. */
  'transactionConflict',
  /** Nothing: a transaction is at the item. Of single writes only. */
  'writeConflict',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** How often each fault comes: from 0, never, to 1. Both kinds of conflict are drawn for the calls that can meet one. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

export interface FaultProxyOptions {
  readonly service: 'dynamodb' | 'sqs';
  readonly engineUrl: string;
  /** The n-th call meets the same fault for the same seed. */
  readonly seed: number;
  readonly rates: FaultRates;
}

export interface FaultProxy {
  readonly url: string;
  /** From now on faults come at these rates. */
  setRates(rates: FaultRates): void;
  /** Faults since the start. */
  readonly met: Readonly<Record<FaultKind, number>>;
  /** Resolves once no call is on its way, not even one whose caller has given up. */
  idle(): Promise<void>;
  close(): void;
}

/** Longer than a request waits for the store or the queue. */
const MAX_DELAY_MS = 2500;
const SINGLE_WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/** Stands before an engine and does to calls what networks and busy services do. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { service, engineUrl, seed } = options;
  const random = seededRandom(seed);
  const met = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  let rates = options.rates;

  const draw = ({ operation }: EngineCall): FaultKind | undefined => {
    let point = random();
    return FAULT_KINDS.find((kind) => {
      if (kind === 'transactionConflict' && operation !== 'TransactWriteItems') return false;
      if (kind === 'writeConflict' && !SINGLE_WRITES.has(operation)) return false;
      point -= rates[kind] ?? 0;
      return point < 0;
    });
  };

  const proxy = await startEngineProxy(engineUrl, async (call) => {
    const fault = draw(call);
    // Drawn for every call, so that a rate that is changed leaves all later draws where they were.
    const extent = random();
    if (fault === undefined) return { answer: await call.forward() };
    met[fault] += 1;
    return befall(fault, extent, call, service);
  });

  return {
    url: proxy.url,
    setRates: (next) => {
      rates = next;
    },
    met,
    idle: proxy.idle,
    close: proxy.close,
  };
}

async function befall(
  fault: FaultKind,
  extent: number,
  call: EngineCall,
  service: FaultProxyOptions['service'],
): Promise<CallEnd> {
  switch (fault) {
    case 'lostBefore':
      return 'cut';
    case 'cutCall':
      await call.forwardHalf();
      return 'cut';
    case 'lostAfter':
      await call.forward();
      return 'cut';
    case 'cutAnswer':
      return { answer: await call.forward(), half: true };
    case 'delayed':
      await sleep(extent * MAX_DELAY_MS);
      return { answer: await call.forward() };
    case 'throttled':
      return { answer: throttling(service, extent) };
    case 'failed':
      if (extent < 0.5) await call.forward();
      return { answer: failure(service) };
    case 'transactionConflict':
      return { answer: conflicted(call.body, extent) };
    case 'writeConflict':
      return {
        answer: refusal(400, `${DYNAMODB}#TransactionConflictException`, 'Transaction is ongoing for the item'),
      };
  }
}

const DYNAMODB = 'com.amazonaws.dynamodb.v20120810';

function throttling(service: FaultProxyOptions['service'], extent: number): EngineAnswer {
  if (service === 'sqs') return refusal(403, 'com.amazonaws.sqs#RequestThrottled', 'The request was throttled');
  return extent < 0.5
    ? refusal(
        400,
        `${DYNAMODB}#ProvisionedThroughputExceededException`,
        'The level of configured provisioned throughput for the table was exceeded',
      )
    : refusal(
        400,
        'com.amazon.coral.availability#ThrottlingException',
        'Rate of requests exceeds the allowed throughput',
      );
}

const failure = (service: FaultProxyOptions['service']): EngineAnswer =>
  service === 'sqs'
    ? refusal(500, 'com.amazonaws.sqs#InternalFailure', 'The request processing has failed')
    : refusal(500, `${DYNAMODB}#InternalServerError`, 'Internal server error');

/** A cancelled transaction with a reason for each of its items: one of them, or two, met another transaction. */
function conflicted(body: Buffer, extent: number): EngineAnswer {
  const { TransactItems } = JSON.parse(body.toString()) as { TransactItems: readonly unknown[] };
  const first = Math.floor(extent * TransactItems.length);
  const CancellationReasons = TransactItems.map((_item, index) =>
    index === first || index === first + 2
      ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
      : { Code: 'None' },
  );
  const codes = CancellationReasons.map(({ Code }) => Code).join(', ');
  return refusal(
    400,
    `${DYNAMODB}#TransactionCanceledException`,
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons },
  );
}

function refusal(status: number, type: string, message: string, more: object = {}): EngineAnswer {
  const body = Buffer.from(JSON.stringify({ __type: type, message, Message: message, ...more }));
  return {
    status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(body.length),
      'x-amzn-requestid': randomBytes(16).toString('hex'),
    },
    body,
  };
}
