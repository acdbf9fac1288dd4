import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a receiver behaves: answers at once or after five seconds, says nothing, or is not there. */
export type Behaviour = 'quick' | 'slow' | 'hanging' | 'refusing';

/** A message as it came in. */
export interface Arrival {
  readonly receiver: number;
  readonly leadId: string;
  readonly status: string;
  /** By the clock of this process. */
  readonly atMs: number;
}

export interface Receivers {
  /** The template of a postback to a receiver. */
  urlOf(receiver: number): string;
  readonly arrivals: readonly Arrival[];
  close(): void;
}

const SLOW_MS = 5000;

/** Receivers on this machine, by number. */
export async function startReceivers(behaviourOf: (receiver: number) => Behaviour): Promise<Receivers> {
  const arrivals: Arrival[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://receiver');
    const receiver = Number(pathname.slice(1));
    const [leadId = '', status = ''] = [searchParams.get('lead') ?? '', searchParams.get('status') ?? ''];
    arrivals.push({ receiver, leadId, status, atMs: Date.now() });
    const behaviour = behaviourOf(receiver);
    if (behaviour === 'quick') response.end();
    if (behaviour === 'slow') setTimeout(() => response.end(), SLOW_MS).unref();
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    // Nobody listens on port 1.
    urlOf: (receiver) =>
      `http://127.0.0.1:${behaviourOf(receiver) === 'refusing' ? 1 : port}/${receiver}?lead={lead_id}&status={status}`,
    arrivals,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
