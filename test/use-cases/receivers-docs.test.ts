import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { destinationProblems, destinationToCreate } from '../../shared/contracts/destinations.ts';
import { type Destination, usualPostbackEvents } from '../../shared/domain/deliveries/destination.ts';
import { eventTypes } from '../../shared/domain/deliveries/event.ts';
import { leadEvents } from '../../shared/domain/deliveries/lead-events.ts';
import {
  macroSystems,
  postbackMacros,
  systemTables,
  systemTitles,
} from '../../shared/domain/deliveries/postback-macros.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { createRenderEvent } from '../../shared/use-cases/render-delivery.ts';
import { tellLead } from '../../shared/use-cases/tell-lead.ts';
import { later, lead } from '../support/builders.ts';
import { postbackDestination, receiptKeys, SECRET, webhookDestination } from '../support/destinations.ts';
import { network } from '../support/network.ts';

const root = resolve(import.meta.dirname, '../..');
const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');
const scriptsIn = (text: string): string[] => [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);
const webhooksPage = page('webhooks.md');
const postbacksPage = page('affiliate-postbacks.md');

const folder = mkdtempSync(join(tmpdir(), 'receivers-'));
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script of the pages as a reader would save it, and stops it when the work is done. */
async function withReceiver(
  code: string,
  env: Record<string, string>,
  work: (url: string, printed: readonly string[]) => Promise<void>,
): Promise<void> {
  const file = join(folder, 'receiver.mjs');
  writeFileSync(file, code);
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: string[] = [];
  try {
    const lines = createInterface({ input: child.stdout });
    const [first] = (await once(lines, 'line')) as [string];
    lines.on('line', (line) => printed.push(line));
    await work(`http://127.0.0.1:${first.replace('listening on ', '')}`, printed);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

const render = (destination: Destination, now = systemClock()) => {
  const [event] = leadEvents(undefined, lead(), digest128);
  const secrets = destination.kind === 'webhook' ? { current: SECRET } : undefined;
  const renderEvent = createRenderEvent({ catalog: network().catalog, contactOf: async () => undefined, receiptKeys });
  return renderEvent({ destination, secrets }, tellLead(event!, destination), now);
};

describe('the receiver of webhooks on its page', () => {
  it('takes what is ours once, and nothing else', async () => {
    const { headers, body } = await render(webhookDestination());
    const [code = ''] = scriptsIn(webhooksPage);
    await withReceiver(code, { WEBHOOK_SECRET: SECRET }, async (url, printed) => {
      const post = async (text: string) => (await fetch(url, { method: 'POST', headers, body: text })).status;
      expect(await post(body!)).toBe(204);
      expect(await post(body!)).toBe(204);
      expect(await post(body!.replace('confirmed', 'confirmee'))).toBe(400);
      expect(printed).toEqual([expect.stringMatching(/^lead\.confirmed \{"leadId"/)]);
    });
  });
});

describe('the verifying receiver of postbacks on its page', () => {
  const [byNode = '', byJose = ''] = scriptsIn(postbacksPage);
  const origin = 'https://tracker.example';
  const joined = byNode
    .replace(/^const \{ keys \}.*$/m, '')
    .replace(/^function isGenuine.*?^}$/ms, byJose)
    .replace('= isGenuine(', '= await isGenuine(');

  it.each([
    ['node:crypto', byNode],
    ['jose', joined],
  ])('takes what is ours and new, by %s', async (_by, code) => {
    const { publicKeys } = await receiptKeys();
    const jwks = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: publicKeys }));
    }).listen(0, '127.0.0.1');
    await once(jwks, 'listening');
    const env = { ORIGIN: origin, JWKS_URL: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/` };
    const get = postbackDestination({ signed: true, url: `${origin}/pb?cid={sub1}&s={status}` });
    const post = postbackDestination({ signed: true, method: 'POST', url: `${origin}/pb`, body: 'cid={sub1}' });
    try {
      await withReceiver(code, env, async (url) => {
        const send = async (
          request: { method: string; url: string; body?: string | undefined },
          change = (text: string) => text,
        ) => {
          const path = change(request.url.slice(origin.length));
          return (
            await fetch(url + path, { method: request.method, ...(request.body && { body: change(request.body) }) })
          ).status;
        };
        expect(await send(await render(get))).toBe(204);
        expect(await send(await render(post))).toBe(204);
        expect(await send(await render(get), (path) => path.replace('s=confirmed', 's=reversed'))).toBe(403);
        expect(await send(await render(post), (text) => text.replace('cid=a', 'cid=b'))).toBe(403);
        expect(await send(await render(get, later(systemClock(), -400_000)))).toBe(403);
        for (const appended of ['&sig=x&cid=b&s=reversed', '=&cid=b&s=reversed', '&cid=b', '!!&cid=b', '&', '%0A'])
          expect(await send(await render(get), (path) => path + appended)).toBe(403);
        expect(await send({ method: 'GET', url: `${origin}/pb?cid=a&s=confirmed` })).toBe(403);
        expect(await send({ method: 'GET', url: `${origin}/pb?cid=a&ts=x&kid=y&sig=z` })).toBe(403);
      });
    } finally {
      jwks.close();
    }
  });
});

describe('the pages', () => {
  // Of the numbered ones the first and the last.
  const isTold = (text: string, all: readonly string[]) => (macro: string) => {
    const next = macro.replace(/\d+(?=\W$)/, (number) => `${Number.parseInt(number, 10) + 1}`);
    const isBetween = !/\D1\W$/.test(macro) && next !== macro && all.includes(next);
    return isBetween || text.includes(`\`${macro}\``);
  };

  it('tell every macro', () => {
    const all = postbackMacros.map((name) => `{${name}}`);
    expect(all.filter((macro) => !isTold(postbacksPage, all)(macro))).toEqual([]);
  });

  it.each(macroSystems)('tell every macro of %s, and which of them are empty', (system) => {
    const [, rest = ''] = postbacksPage.split(`\n### ${systemTitles[system]}\n`);
    const [section = ''] = rest.split('\n#');
    const [told = '', empty = ''] = section.split('\n| empty |');
    const all = [...systemTables[system].keys()];
    const of = (isEmpty: boolean) =>
      [...systemTables[system]].flatMap(([macro, held]) => ((held === null) === isEmpty ? [macro] : []));
    expect(of(false).filter((macro) => !isTold(told, all)(macro))).toEqual([]);
    const lastOnes = ['{aff_unique5}', '{var10}'];
    expect(of(true).filter((macro) => !lastOnes.includes(macro) && !isTold(empty, all)(macro))).toEqual([]);
  });

  it('show destinations that may be made so', () => {
    const shown = [...postbacksPage.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = '']) => JSON.parse(text));
    expect(shown.length).toBeGreaterThan(2);
    for (const json of shown) {
      const asked = destinationToCreate.parse(json);
      if (asked.kind !== 'postback') throw new Error(`${JSON.stringify(json)} is no postback`);
      const made = postbackDestination({ ...asked, events: asked.events ?? usualPostbackEvents(asked) });
      expect(destinationProblems(made, { privateDestinations: false })).toEqual([]);
    }
  });

  it('tell every event', () => {
    for (const type of eventTypes) expect(webhooksPage).toContain(`\`${type}\``);
  });
});
