import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

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

const METERED = new Set(['PutItem', 'GetItem', 'UpdateItem', 'DeleteItem', 'Query', 'BatchGetItem']);

interface Asked {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

interface Capacity {
  readonly CapacityUnits?: number;
}

interface Answered {
  /** One of a single item, several of a batch. */
  readonly ConsumedCapacity?: Capacity | readonly Capacity[];
}

/** Stands before the DynamoDB engine and counts calls and capacity units, without a change to who calls. */
export async function startCountingProxy(engineUrl: string): Promise<CountingProxy> {
  const agent = new Agent({ keepAlive: true });
  let usages = new Map<string, Usage>();

  const count = (table: string, operation: string, units: number): void => {
    const key = `${table} ${operation}`;
    const usage = usages.get(key) ?? { table, operation, calls: 0, units: 0 };
    usage.calls += 1;
    usage.units += units;
    usages.set(key, usage);
  };

  const server: Server = createServer(async (incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const body = metered(await buffer(incoming), operation);
    const answer = await forward(incoming, body);
    const text = await buffer(answer);
    if (METERED.has(operation)) {
      const { TableName, RequestItems = {} } = JSON.parse(body.toString()) as Asked;
      const { ConsumedCapacity = [] } = JSON.parse(text.toString()) as Answered;
      const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
      count(TableName ?? Object.keys(RequestItems).join(), operation, units);
    }
    // The checksum is of the answer as it came; nothing of it was changed.
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(text);
  });

  const forward = ({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const target = new URL(url ?? '/', engineUrl);
      const sent = request(
        target,
        { method, agent, headers: { ...headers, host: target.host, 'content-length': body.length } },
        resolve,
      );
      sent.on('error', reject).end(body);
    });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = [...usages.values()];
      usages = new Map();
      return taken;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

function metered(body: Buffer, operation: string): Buffer {
  if (!METERED.has(operation)) return body;
  return Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), ReturnConsumedCapacity: 'TOTAL' }));
}
