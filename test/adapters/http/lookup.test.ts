import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLookup, type LookupOptions } from '../../../shared/adapters/http/lookup.ts';
import { createSendRequest } from '../../../shared/adapters/http/outgoing.ts';
import type { OutgoingRequest } from '../../../shared/ports/outgoing-http.ts';

const get = (url: string): OutgoingRequest => ({ method: 'GET', url, headers: {} });
/** Nobody waits for so long: what is not answered is given up as the test ends. */
const LONG_MS = 30_000;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A name server on this machine that knows one name, and says nothing to whoever asks for another. */
async function serveName(known: string): Promise<() => Resolver> {
  const server = createSocket('udp4');
  server.on('message', (question, { address, port }) => {
    if (!question.includes(Buffer.from(known.split('.')[0]!))) return;
    const HEADER = 12;
    const end = question.indexOf(0, HEADER) + 5;
    // The question again, and for it 127.0.0.1 for a minute (RFC 1035, 4.1).
    const header = Buffer.from([question[0]!, question[1]!, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, HEADER, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    server.send(Buffer.concat([header, question.subarray(HEADER, end), answer]), port, address);
  });
  closers.push(() => server.close());
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  return () => {
    const resolver = new Resolver({ timeout: LONG_MS, tries: 1 });
    resolver.setServers([`127.0.0.1:${server.address().port}`]);
    closers.push(() => resolver.cancel());
    return resolver;
  };
}

const resolving = (outcome: readonly string[] | { readonly code: string }): LookupOptions['makeResolver'] =>
  function makeResolver() {
    return {
      resolve4: async () => {
        if ('code' in outcome) throw Object.assign(new Error(outcome.code), outcome);
        return outcome as never;
      },
    };
  };

const look = (options: LookupOptions, hostname: string): Promise<unknown> =>
  new Promise((resolve) => {
    createLookup(options)(hostname, { family: 4 }, (error, address) => resolve(error?.code ?? address));
  });

describe('names', () => {
  it('keep nobody waiting whose name is known, though nine others are not answered', async () => {
    const makeResolver = await serveName('well.example');
    const receiver = createServer((_request, response) => response.end());
    closers.push(() => receiver.close());
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const send = createSendRequest({
      privateDestinations: true,
      lookup: createLookup({ privateDestinations: true, makeResolver }),
    });
    const begun = Array.from({ length: 9 }, (_, index) =>
      send(get(`http://dead-${index}.example/`), { timeoutMs: LONG_MS, maxBodyBytes: 1 }).then(() => 'given up'),
    );
    const told = send(get(`http://well.example:${port}/`), { timeoutMs: LONG_MS, maxBodyBytes: 1 });
    expect(await told).toMatchObject({ kind: 'answered', status: 200 });
    expect(await Promise.race([...begun, Promise.resolve('still waited for')])).toBe('still waited for');
  });

  it('are refused where they lead to what is not public', async () => {
    const lookup = createLookup({ privateDestinations: false, makeResolver: await serveName('well.example') });
    const send = createSendRequest({ privateDestinations: false, lookup });
    expect(await send(get('https://well.example/'), { timeoutMs: LONG_MS, maxBodyBytes: 1 })).toMatchObject({
      kind: 'refused',
      reason: 'the address is not a public one',
    });
  });

  it.each(['localhost', 'localhost.', 'shop.localhost'])('need no name server for %s', async (hostname) => {
    const makeResolver = resolving({ code: 'ETIMEOUT' });
    expect(await look({ privateDestinations: false, makeResolver }, hostname)).toBe('127.0.0.1');
  });

  it('give all addresses to whoever asks for all', async () => {
    const makeResolver = resolving(['192.0.2.1', '192.0.2.2']);
    const all = new Promise((resolve) => {
      createLookup({ privateDestinations: false, makeResolver })('a.example', { all: true }, (_, found) =>
        resolve(found),
      );
    });
    expect(await all).toEqual([
      { address: '192.0.2.1', family: 4 },
      { address: '192.0.2.2', family: 4 },
    ]);
    expect(await look({ privateDestinations: false, makeResolver }, 'a.example')).toBe('192.0.2.1');
  });

  it.each([
    // An address is a name that the system resolves by itself, whatever is in its hosts file.
    ['looked up by the system, where nobody else knows them', true, 'ENOTFOUND', '127.0.0.9'],
    ['looked up by the system, where there is no name server', true, 'ECONNREFUSED', '127.0.0.9'],
    ['not looked up by it, where a name server says nothing', true, 'ETIMEOUT', 'ETIMEOUT'],
    ['not looked up by it, where private destinations are not allowed', false, 'ENOTFOUND', 'ENOTFOUND'],
  ])('are %s', async (_how, privateDestinations, code, expected) => {
    expect(await look({ privateDestinations, makeResolver: resolving({ code }) }, '127.0.0.9')).toBe(expected);
  });
});
