import { webcrypto } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { importJWK, type JSONWebKeySet } from 'jose';
import { Webhook } from 'standardwebhooks';

/** What reached a receiver: what it tells, and whether the network sent it. */
export interface Received {
  readonly at: 'affiliate' | 'crm';
  readonly told: Readonly<Record<string, unknown>>;
  /** Why it is not believed; undefined where the public libraries found it genuine. */
  readonly fault?: string | undefined;
}

/** Pages and addresses of people outside the network, on this machine. */
export interface Receiver {
  readonly url: string;
  /** What came since it was last asked. */
  take(): Received[];
  /** Shows a page of HTML under a path. */
  show(path: string, html: string): void;
  /** From now on the CRM verifies by this secret. */
  trust(webhookSecret: string): void;
  stop(): Promise<void>;
}

const HTTP_OK = 200;
const HTTP_NO_CONTENT = 204;
const HTTP_UNAUTHORIZED = 401;
const HTTP_NOT_FOUND = 404;
/** How far the clock of who signed may be away. */
const TOLERANCE_S = 300;

/**
 * Stands for an affiliate's tracker (`/tracker`), an advertiser's CRM (`/crm`) and a web site. It knows of the network what anybody does: the
 * published keys, and the secret of its own webhook. Messages are verified by `jose` and `standardwebhooks`, with none of the network's code.
 */
export async function startReceiver(networkUrl: string): Promise<Receiver> {
  const received: Received[] = [];
  const pages = new Map<string, string>();
  let webhook: Webhook | undefined;
  const keySet = (await (await fetch(`${networkUrl}/.well-known/jwks.json`)).json()) as JSONWebKeySet;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const message =
      url.pathname === '/tracker'
        ? await takePostback(url, keySet)
        : url.pathname === '/crm'
          ? takeWebhook(webhook, request, body)
          : undefined;
    if (message !== undefined) {
      received.push(message);
      response.writeHead(message.fault === undefined ? HTTP_NO_CONTENT : HTTP_UNAUTHORIZED).end();
      return;
    }
    const page = pages.get(url.pathname);
    response.writeHead(page === undefined ? HTTP_NOT_FOUND : HTTP_OK, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page);
  };
  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    take: () => received.splice(0),
    show: (path, html) => void pages.set(path, html),
    trust: (secret) => {
      webhook = new Webhook(secret);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** A postback bears `ts`, `kid` and, as the last, `sig`: an Ed25519 signature by a published key over the method and all of the URL before it. */
async function takePostback(url: URL, { keys }: JSONWebKeySet): Promise<Received> {
  const { ts, kid, sig: _last, ...told } = Object.fromEntries(url.searchParams);
  const [, before, sig] = url.href.match(/^(.*)&sig=([\w-]{86})$/s) ?? [];
  const taken = { at: 'affiliate', told } as const;
  if (ts === undefined || kid === undefined || sig === undefined) return { ...taken, fault: 'it is not signed' };
  if (Math.abs(Date.now() / 1000 - Number(ts)) > TOLERANCE_S)
    return { ...taken, fault: 'it was signed at another time' };
  const published = keys.find((each) => each.kid === kid);
  if (published === undefined) return { ...taken, fault: `the network has no key ${kid}` };
  const key = (await importJWK(published, 'EdDSA')) as webcrypto.CryptoKey;
  const signed = Buffer.from(`GET ${before}`);
  const isGenuine = await webcrypto.subtle.verify('Ed25519', key, Buffer.from(sig, 'base64url'), signed);
  return isGenuine ? taken : { ...taken, fault: 'the signature is of something else' };
}

/** A webhook is signed as the Standard Webhooks say. */
function takeWebhook(webhook: Webhook | undefined, { headers }: IncomingMessage, body: Buffer): Received {
  const told = JSON.parse(body.toString()) as Record<string, unknown>;
  try {
    if (webhook === undefined) return { at: 'crm', told, fault: 'no secret is known' };
    webhook.verify(body, headers as Record<string, string>);
    return { at: 'crm', told };
  } catch (error) {
    return { at: 'crm', told, fault: String(error) };
  }
}
