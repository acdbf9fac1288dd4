/** An API of a platform on this machine, with leads to fetch. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ApiAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers as it is told to; remembers the path of every request. */
export async function startApi(answer: (request: IncomingMessage) => ApiAnswer) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { status, body = {}, headers = {} } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The id of the lead that a request of the Graph API asks for. */
export const leadIdIn = (request: IncomingMessage): string => /^\/([0-9]+)\?/.exec(request.url ?? '')?.[1] ?? '';

/** A lead as the Graph API tells it. */
export const graphLead = (id: string) => ({
  id,
  created_time: '2026-11-22T08:59:00+0000',
  form_id: '12312312312',
  field_data: [{ name: 'email', values: [`lead-${id}@example.com`] }],
});
