import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What an engine answered, or what is answered in its place. */
export interface EngineAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A call on its way to an engine. */
export interface EngineCall {
  /** As `x-amz-target` names it: `PutItem`. Empty where there is none. */
  readonly operation: string;
  readonly body: Buffer;
  /** Sends the call to the engine, with another body where one is given, and reads the whole answer. */
  forward(body?: Buffer): Promise<EngineAnswer>;
  /** Sends half of the call to the engine, and hangs up. */
  forwardHalf(): Promise<void>;
}

/** How a call ends for its caller: with an answer, with half of one, or with a socket that is closed. */
export type CallEnd = { readonly answer: EngineAnswer; readonly half?: boolean } | 'cut';

export interface EngineProxy {
  readonly url: string;
  /** Resolves once no call is on its way, be it that its caller has long gone. */
  idle(): Promise<void>;
  close(): void;
}

/** Stands before an engine and lets `handle` say how each call ends, without a change to who calls. */
export async function startEngineProxy(
  engineUrl: string,
  handle: (call: EngineCall) => Promise<CallEnd>,
): Promise<EngineProxy> {
  const agent = new Agent({ keepAlive: true });
  const underway = new Set<Promise<void>>();

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    try {
      const end = await handle(callOf(incoming, await buffer(incoming), engineUrl, agent));
      if (end === 'cut') incoming.socket.destroy();
      else write(outgoing, end);
    } catch {
      // Either side is gone: so is the call.
      incoming.socket.destroy();
    }
  };
  const server = createServer((incoming, outgoing) => {
    const serving = serve(incoming, outgoing).finally(() => underway.delete(serving));
    underway.add(serving);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    idle: async () => {
      while (underway.size > 0) await Promise.all(underway);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

function callOf({ method, url, headers }: IncomingMessage, body: Buffer, engineUrl: string, agent: Agent): EngineCall {
  const target = new URL(url ?? '/', engineUrl);
  const options = (length: number): RequestOptions => ({
    method,
    agent,
    headers: { ...headers, host: target.host, 'content-length': length },
  });
  return {
    operation: String(headers['x-amz-target'] ?? '').split('.')[1] ?? '',
    body,
    forward: async (sent = body) => {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        request(target, options(sent.length), resolve).on('error', reject).end(sent);
      });
      return { status: answer.statusCode ?? 502, headers: answer.headers, body: await buffer(answer) };
    },
    forwardHalf: () =>
      new Promise((resolve) => {
        // On a connection of its own: it takes no other call down with it.
        const sent = request(target, { ...options(body.length), agent: false });
        sent.on('error', () => undefined).on('close', resolve);
        sent.write(body.subarray(0, body.length / 2), () => sent.destroy());
      }),
  };
}

function write(outgoing: ServerResponse, { answer, half = false }: Exclude<CallEnd, 'cut'>): void {
  const { status, headers, body } = answer;
  outgoing.writeHead(status, headers);
  if (half) outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
  else outgoing.end(body);
}
