import { expect, it } from 'vitest';
import type { RawMessage } from '../../shared/dialects/dialect.ts';
import type { DialectName } from '../../shared/dialects/names.ts';
import { dialectOf, dialects } from '../../shared/dialects/registry.ts';
import { signHmac } from '../../shared/dialects/verification.ts';
import { got, posted, RECEIVED_AT, usableSetup } from '../support/dialects.ts';

/** Of each scheme; of the dialects that share it with another, a tenth. */
const MUTATIONS = 10_000;
const SECRET = 'made-up-secret-of-32-characters.';
const BODY = Buffer.from('{"id":820982911946154508,"total_price":"598.94","äöü":"\\u00e4"}');

/** A message whose bytes and signature are given. */
type Signed = (body: Uint8Array, signature: string) => RawMessage;
/** A message that carries a secret. */
type Carrying = (secret: string) => RawMessage;

const inHeader =
  (header: string): Signed =>
  (body, signature) =>
    posted(body, { headers: { [header]: signature } });

interface SignatureCase {
  readonly dialect: DialectName;
  readonly mutations: number;
  readonly secrets: Readonly<Record<string, string>>;
  readonly signature: string;
  readonly signed: Signed;
  /** What the signature does not cover: a forger who has one signed message can change it, so nothing that counts is read from it. */
  readonly unsigned: readonly string[];
}

const signatures: readonly SignatureCase[] = [
  {
    dialect: 'shopify',
    mutations: MUTATIONS,
    secrets: { secret: SECRET },
    signature: signHmac(BODY, SECRET, { encoding: 'base64' }),
    signed: inHeader('x-shopify-hmac-sha256'),
    unsigned: ['x-shopify-topic', 'x-shopify-shop-domain', 'x-shopify-webhook-id'],
  },
  {
    dialect: 'woocommerce',
    mutations: MUTATIONS / 10,
    secrets: { secret: SECRET },
    signature: signHmac(BODY, SECRET, { encoding: 'base64' }),
    signed: inHeader('x-wc-webhook-signature'),
    unsigned: ['x-wc-webhook-topic', 'x-wc-webhook-source', 'x-wc-webhook-delivery-id'],
  },
  {
    dialect: 'meta',
    mutations: MUTATIONS,
    secrets: { app_secret: SECRET, verify_token: 'made-up' },
    signature: signHmac(BODY, SECRET, { encoding: 'hex', prefix: 'sha256=' }),
    signed: inHeader('x-hub-signature-256'),
    unsigned: ['x-hub-signature'],
  },
  {
    dialect: 'linkedin',
    mutations: MUTATIONS,
    secrets: { client_secret: SECRET },
    signature: signHmac(BODY, SECRET, { encoding: 'hex', signedPrefix: 'hmacsha256=' }),
    signed: inHeader('x-li-signature'),
    unsigned: ['user-agent'],
  },
  {
    dialect: 'tiktok',
    mutations: MUTATIONS / 10,
    secrets: { url_token: 'made-up', app_secret: SECRET },
    signature: signHmac(BODY, SECRET, { encoding: 'hex' }),
    signed: (body, signature) => posted(body, { query: 'token=made-up', headers: { 'x-open-signature': signature } }),
    unsigned: ['user-agent'],
  },
  {
    dialect: 'tiktok',
    mutations: MUTATIONS,
    secrets: { url_token: 'made-up', app_secret: SECRET },
    signature: `t=1795338000,s=${signHmac(BODY, SECRET, { encoding: 'hex', signedPrefix: '1795338000.' })}`,
    signed: (body, signature) => posted(body, { query: 'token=made-up', headers: { 'tiktok-signature': signature } }),
    unsigned: ['user-agent'],
  },
];

const inQuery =
  (name: string): Carrying =>
  (secret) =>
    got(new URLSearchParams({ transaction_id: 'c1', [name]: secret }).toString());
const bearing =
  (header: string): Carrying =>
  (secret) =>
    posted('{}', { headers: { [header]: secret } });
const inBody =
  (name: string): Carrying =>
  (secret) =>
    posted(JSON.stringify({ type: 'lead_forms_new', lead_id: '1', [name]: secret }));
const inPath: Carrying = (secret) => got('subid=c1', { path: `${encodeURIComponent(secret)}/postback` });
const basic: Carrying = (secret) =>
  posted('', { headers: { authorization: `Basic ${Buffer.from(`IRx1:${secret}`).toString('base64')}` } });

/** Of these formats nothing is signed: whoever has the secret can send anything, and all but the secret is unsigned. */
const tokens: readonly [DialectName, name: string, Carrying, mutations: number][] = [
  ['adjust', 'token', inQuery('token'), MUTATIONS],
  ['affise', 'secure', inQuery('secure'), MUTATIONS / 10],
  ['appsflyer', 'token', bearing('authorization'), MUTATIONS],
  ['branch', 'token', bearing('authorization'), MUTATIONS / 10],
  ['google_ads', 'google_key', inBody('google_key'), MUTATIONS],
  ['impact', 'authToken', basic, MUTATIONS],
  ['keitaro', 'postback_key', inPath, MUTATIONS],
  ['meta', 'verify_token', inQuery('hub.verify_token'), MUTATIONS / 10],
  ['singular', 'token', inQuery('token'), MUTATIONS / 10],
  ['tiktok', 'url_token', inQuery('token'), MUTATIONS / 10],
  ['tune', 'security_token', inQuery('security_token'), MUTATIONS / 10],
  ['vk', 'secret', inBody('secret'), MUTATIONS / 10],
];

/** The same numbers each time: of 0 to under `below`. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Bytes with a few of them flipped, replaced, left out, repeated, put in or cut off; never the same as they were. */
function mutated(bytes: Uint8Array, next: (below: number) => number, allowed: (byte: number) => boolean): Uint8Array {
  const changed = [...bytes];
  const draw = (): number => {
    for (;;) {
      const byte = next(256);
      if (allowed(byte)) return byte;
    }
  };
  for (let count = 1 + next(3); count > 0; count -= 1) {
    const at = next(changed.length + 1);
    const kind = next(5);
    if (kind === 0) changed.splice(at, 1, draw());
    else if (kind === 1) changed.splice(at, 1);
    else if (kind === 2) changed.splice(at, 0, draw());
    else if (kind === 3) changed.splice(at, 0, changed[at] ?? draw());
    else changed.length = at;
  }
  return Buffer.compare(Uint8Array.from(changed), bytes) === 0
    ? mutated(bytes, next, allowed)
    : Uint8Array.from(changed);
}

const anyByte = () => true;
const visible = (byte: number) => byte > 0x20 && byte < 0x7f;
const mutatedText = (text: string, next: (below: number) => number): string =>
  Buffer.from(mutated(Buffer.from(text), next, visible)).toString('latin1');

it.each(signatures.map((each) => [`${each.dialect}: ${each.signature.slice(0, 8)}…`, each] as const))(
  'altered bytes and altered signatures are refused: %s',
  (_name, { dialect, mutations, secrets, signature, signed, unsigned }) => {
    const { verify } = dialectOf(dialect);
    const setup = usableSetup(dialectOf(dialect), secrets);
    expect(verify(signed(BODY, signature), setup)).toMatchObject({ ok: true, by: 'signature' });
    const next = numbers(signature.length + dialect.length);
    let taken = 0;
    for (let index = 0; index < mutations; index += 1) {
      const message =
        index % 4 === 0 ? signed(BODY, mutatedText(signature, next)) : signed(mutated(BODY, next, anyByte), signature);
      if (verify(message, setup).ok) taken += 1;
    }
    expect(taken).toBe(0);
    const message = signed(BODY, signature);
    const headers = { ...message.headers, ...Object.fromEntries(unsigned.map((name) => [name, 'anything'])) };
    expect(verify({ ...message, headers }, setup).ok).toBe(true);
  },
);

it.each(tokens)('an altered secret is refused: %s, %s', (name, secretName, carrying, mutations) => {
  const dialect = dialectOf(name);
  const setup = usableSetup(dialect, { [secretName]: SECRET });
  expect(dialect.verify(carrying(SECRET), setup)).toMatchObject({ ok: true, by: 'token' });
  const next = numbers(name.length * 31);
  let taken = 0;
  for (let index = 0; index < mutations; index += 1) {
    if (dialect.verify(carrying(mutatedText(SECRET, next)), setup).ok) taken += 1;
  }
  expect(taken).toBe(0);
});

it.each(Object.values(dialects).map((dialect) => [dialect.name, dialect] as const))(
  'a secret that is empty proves nothing: %s',
  (_name, dialect) => {
    const made = Object.fromEntries((dialect.madeSecrets ?? []).map((secret) => [secret, SECRET]));
    const empty = Object.fromEntries(Object.keys(dialect.secrets.shape).map((secret) => [secret, '']));
    const setup = usableSetup(dialect, { ...empty, ...made });
    const verified = dialect.verify(dialect.sample(setup, RECEIVED_AT), setup);
    expect(verified.ok ? verified.by : 'refused').not.toMatch(/signature|token/);
  },
);
