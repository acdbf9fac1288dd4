import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a receiver behaves: answers at once or after five seconds, says nothing, is not there, or has a name that leads nowhere. */
export type Behaviour = 'quick' | 'slow' | 'hanging' | 'refusing' | 'nameless';

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
  const hostOf = (receiver: number): string => {
    const behaviour = behaviourOf(receiver);
    // Of a domain that is never anybody's (RFC 6761): a name server says so, or nothing.
    if (behaviour === 'nameless') return `receiver-${receiver}.invalid`;
    // Nobody listens on port 1.
    return `127.0.0.1:${behaviour === 'refusing' ? 1 : port}`;
  };
  return {
    urlOf: (receiver) => `http://${hostOf(receiver)}/${receiver}?lead={lead_id}&status={status}`,
    arrivals,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
