import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, maxHeaderSize, STATUS_CODES } from 'node:http';
import { toHttpEvent } from './http-event.ts';
import type { HttpResponse } from './http-response.ts';
import { apiMessage, toHttpResponse } from './http-response.ts';
import { createRouter } from './http-routes.ts';
import { ThrottledError } from './lambda-host.ts';
import type { RouteModel } from './model.ts';

const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** An HTTP API waits no longer for a function. */
const INTEGRATION_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 5_000;

export interface HttpApiOptions {
  readonly routes: readonly RouteModel[];
  readonly invoke: (functionName: string, event: string) => Promise<unknown>;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** The HTTP API on this machine. */
export interface HttpApi {
  readonly port: number;
  /** Lets running requests end, for 5 s at most. */
  stop(): Promise<void>;
}

/** Starts to listen. Rejects with a sentence where the port is taken. */
export async function startHttpApi({ routes, invoke, host, port }: HttpApiOptions): Promise<HttpApi> {
  const route = createRouter(routes);

  async function answer(request: IncomingMessage): Promise<HttpResponse> {
    const body = await readBody(request);
    if (body === undefined)
      return apiMessage(413, 'Request Entity Too Large', `A body of at most ${MAX_BODY_BYTES} bytes is taken.`);
    const url = request.url ?? '/';
    const queryAt = url.indexOf('?');
    const rawPath = queryAt < 0 ? url : url.slice(0, queryAt);
    let event: string;
    let functionName: string;
    try {
      const found = route(request.method ?? 'GET', rawPath);
      if (found === undefined) return apiMessage(404, 'Not Found');
      functionName = found.functionName;
      const { remoteAddress = '', localPort = 0 } = request.socket;
      const received = {
        method: request.method ?? 'GET',
        url,
        httpVersion: request.httpVersion,
        rawHeaders: request.rawHeaders,
        sourceIp: remoteAddress.replace(/^::ffff:/, ''),
        port: localPort,
        body,
        receivedAt: new Date(),
      };
      const query = queryAt < 0 ? '' : url.slice(queryAt + 1);
      event = JSON.stringify(toHttpEvent(received, found, decodeURIComponent(rawPath), query));
    } catch (error) {
      if (error instanceof URIError) return apiMessage(400, 'Bad Request', 'The path must be percent-encoded UTF-8.');
      throw error;
    }
    return call(functionName, event);
  }

  async function call(functionName: string, event: string): Promise<HttpResponse> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<HttpResponse>((resolve) => {
      timer = setTimeout(() => resolve(apiMessage(503, 'Service Unavailable')), INTEGRATION_TIMEOUT_MS);
    });
    const result = invoke(functionName, event).then(
      (value) => toHttpResponse(value) ?? apiMessage(500, 'Internal Server Error'),
      (error: unknown) =>
        error instanceof ThrottledError
          ? apiMessage(503, 'Service Unavailable')
          : apiMessage(500, 'Internal Server Error'),
    );
    return Promise.race([result, timeout]).finally(() => clearTimeout(timer));
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    answer(request).then(
      (answered) => send(request, response, answered),
      () => response.destroy(),
    );
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end(rawResponse(refusal(error.code)));
  });
  await listen();

  function listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'EADDRINUSE'
            ? new Error(`Port ${port} is taken by another program. Set PORT to a free one: PORT=3001 npm start`)
            : error,
        ),
      );
      server.listen(port, host, resolve);
    });
  }

  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    port: address.port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Undefined where the body is larger than an HTTP API takes; the rest of it is thrown away, so that the client reads the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const { method, headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return Buffer.alloc(0);
  if (method === 'GET' && headers['content-length'] === '0') return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

/** To what is no HTTP request, or one with a longer address and headers than Node reads. */
const refusal = (code: string | undefined): HttpResponse =>
  code === 'HPE_HEADER_OVERFLOW'
    ? apiMessage(
        431,
        'Request Header Fields Too Large',
        `Address and headers may have ${maxHeaderSize} bytes together.`,
      )
    : apiMessage(400, 'Bad Request', 'The request is not HTTP: an address has neither blanks nor control characters.');

function rawResponse({ statusCode, headers, body }: HttpResponse): Buffer {
  const head = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
    'connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function send(request: IncomingMessage, response: ServerResponse, { statusCode, headers, body }: HttpResponse): void {
  const hasBody = statusCode >= 200 && statusCode !== 204 && statusCode !== 304;
  response.writeHead(statusCode, hasBody ? { ...headers, 'content-length': body.length } : headers);
  response.end(hasBody && request.method !== 'HEAD' ? body : undefined);
}
