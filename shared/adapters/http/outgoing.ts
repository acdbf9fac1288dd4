import { request as requestByHttp } from 'node:http';
import { request as requestByHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { addressProblem, type Reach } from '../../domain/deliveries/address.ts';
import type { OutgoingResponse, SendRequest } from '../../ports/outgoing-http.ts';
import { createLookup } from './lookup.ts';

/** Where a virtual machine of Azure asks for its metadata: a public address as far as any registry knows. */
const METADATA_ADDRESSES = ['168.63.129.16'];
const NOT_PUBLIC = 'the address is not a public one';
const USER_AGENT = 'leadledger';

export interface SendRequestOptions extends Reach {
  /** Resolves names; by default by the name servers of the system. */
  readonly lookup?: LookupFunction;
}

/**
 * Sends requests to servers that anybody may name. A name is resolved once a connection, and what it is resolved to is what is checked and
 * connected to, so that no second answer can lead elsewhere. Connections are not kept: one that was frozen with its function fails when
 * it is used again, and nobody can tell whether the request arrived. IPv4 alone, as functions outside of a VPC reach nothing else.
 */
export function createSendRequest({
  privateDestinations,
  lookup = createLookup({ privateDestinations }),
}: SendRequestOptions): SendRequest {
  const filter = {
    allowPrivateIPAddress: privateDestinations,
    allowMetaIPAddress: privateDestinations,
    denyIPAddressList: METADATA_ADDRESSES,
    keepAlive: false,
  };
  const http = new RequestFilteringHttpAgent(filter);
  const https = new RequestFilteringHttpsAgent(filter);
  return (request, limits) => {
    const startedAt = performance.now();
    const tookMs = () => Math.round(performance.now() - startedAt);
    const problem = addressProblem(request.url, { privateDestinations });
    if (problem !== undefined) return Promise.resolve({ kind: 'refused', reason: `the URL ${problem}`, tookMs: 0 });
    return new Promise<OutgoingResponse>((resolve) => {
      const signal = AbortSignal.timeout(limits.timeoutMs);
      const fail = (error: Error) => resolve(failed(error, signal.aborted ? limits.timeoutMs : undefined, tookMs()));
      const isSecure = request.url.toLowerCase().startsWith('https:');
      try {
        const sent = (isSecure ? requestByHttps : requestByHttp)(request.url, {
          method: request.method,
          headers: { 'user-agent': USER_AGENT, ...request.headers },
          agent: isSecure ? https : http,
          family: 4,
          lookup,
          signal,
        });
        sent.on('error', fail);
        // Whatever else ends a connection, such as a switch of protocols that nobody asked for; too late where it is answered.
        sent.on('close', () => fail(new Error('the connection was closed')));
        sent.on('response', (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          const answer = () =>
            resolve({
              kind: 'answered',
              status: response.statusCode ?? 0,
              headers: headersOf(response.headersDistinct),
              body: Buffer.concat(chunks).subarray(0, limits.maxBodyBytes),
              tookMs: tookMs(),
            });
          response.on('error', fail);
          response.on('end', answer);
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes < limits.maxBodyBytes) return;
            answer();
            response.destroy();
          });
        });
        sent.end(request.body);
      } catch (error) {
        // Headers with control characters, for one.
        fail(error as Error);
      }
    });
  };
}

function headersOf(distinct: NodeJS.Dict<string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(distinct).map(([name, values]) => [name, (values ?? []).join(', ')]));
}

/** The addresses that a name was resolved to are nobody's business who only named it. */
function failed(error: Error, timedOutAfterMs: number | undefined, tookMs: number): OutgoingResponse {
  if (timedOutAfterMs !== undefined) {
    // A timer may ring a moment before its time.
    const waitedMs = Math.max(tookMs, timedOutAfterMs);
    return { kind: 'unanswered', reason: `no answer within ${timedOutAfterMs} ms`, tookMs: waitedMs };
  }
  if (error.message.includes('is not allowed. Because')) return { kind: 'refused', reason: NOT_PUBLIC, tookMs };
  const { code } = error as NodeJS.ErrnoException;
  return { kind: 'unanswered', reason: code ?? error.message, tookMs };
}
