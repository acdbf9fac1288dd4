import { describe, expect, it } from 'vitest';
import type { RawMessage, Verification } from '../../shared/dialects/dialect.ts';
import {
  queryProof,
  refusals,
  sameSecret,
  signHmac,
  unproven,
  verifyBasic,
  verifyHmac,
  verifyToken,
} from '../../shared/dialects/verification.ts';

const message = (over: Partial<RawMessage> = {}): RawMessage => ({
  method: 'POST',
  path: '',
  query: '',
  headers: {},
  body: Buffer.from('{"id":820982911946154508}'),
  receivedAt: '2026-11-22T09:00:00.000Z',
  ...over,
});

const said = (verification: Verification) => (verification.ok ? verification.by : verification.reason);

describe('a token', () => {
  it.each([
    ['the secret itself', 'made-up-token', 'made-up-token', 'token'],
    ['another', 'made-up-token', 'made-up-tokem', refusals.wrong],
    ['its beginning', 'made-up-token', 'made-up', refusals.wrong],
    ['more than it', 'made-up-token', 'made-up-token2', refusals.wrong],
    ['in another case', 'made-up-token', 'MADE-UP-TOKEN', refusals.wrong],
    ['none', 'made-up-token', undefined, refusals.missing],
    ['an empty one', 'made-up-token', '', refusals.missing],
    ['an empty one where the secret is empty', '', '', refusals.noSecret],
    ['any one where the secret is empty', '', 'made-up-token', refusals.noSecret],
    ['none where there is no secret', undefined, undefined, refusals.noSecret],
    ['the word undefined where there is no secret', undefined, 'undefined', refusals.noSecret],
  ])('%s', (_case, secret, presented, expected) => {
    expect(said(verifyToken(message(), secret, presented))).toBe(expected);
  });

  it('is compared as text of any length and script', () => {
    expect(sameSecret('пароль', 'пароль')).toBe(true);
    expect(sameSecret('пароль', 'парол')).toBe(false);
  });
});

describe('a proof in the query', () => {
  it.each([
    ['given once', 'a=1&token=x%20y', 'x y'],
    ['given twice', 'token=x&token=y', undefined],
    ['given twice alike', 'token=x&token=x', undefined],
    ['not given', 'a=1', undefined],
    ['empty', 'token=', ''],
  ])('%s', (_case, query, expected) => {
    expect(queryProof(message({ query }), 'token')).toBe(expected);
  });
});

describe('user and password', () => {
  const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`;
  it.each([
    ['both', 'IRx1', 'made:up', basic('IRx1:made:up'), 'token'],
    ['the scheme in lower case', 'IRx1', 'made-up', basic('IRx1:made-up').replace('Basic', 'basic'), 'token'],
    ['another password', 'IRx1', 'made-up', basic('IRx1:made-us'), refusals.wrong],
    ['another user', 'IRx1', 'made-up', basic('IRx2:made-up'), refusals.wrong],
    ['no password', 'IRx1', 'made-up', basic('IRx1'), refusals.wrong],
    ['another scheme', 'IRx1', 'made-up', 'Bearer made-up', refusals.missing],
    ['no header', 'IRx1', 'made-up', undefined, refusals.missing],
    ['no password set, none given', 'IRx1', '', basic('IRx1:'), refusals.noSecret],
    ['no user set, none given', '', 'made-up', basic(':made-up'), refusals.noSecret],
    ['nothing set', undefined, undefined, basic('undefined:undefined'), refusals.noSecret],
  ])('%s', (_case, user, password, authorization, expected) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    expect(said(verifyBasic(message({ headers }), user, password))).toBe(expected);
  });
});

describe('an HMAC over the bytes of the body', () => {
  const hex = { header: 'x-signature', encoding: 'hex', prefix: 'sha256=' } as const;
  const base64 = { header: 'x-signature', encoding: 'base64' } as const;
  const prefixed = { header: 'x-signature', encoding: 'hex', signedPrefix: 'hmacsha256=' } as const;
  const secret = 'made-up-secret';
  const body = message().body;
  const signature = signHmac(body, secret, hex);

  it.each([
    ['in hex after a prefix', hex, secret, signature, 'signature'],
    ['in base64', base64, secret, signHmac(body, secret, base64), 'signature'],
    ['with a prefix in what is signed', prefixed, secret, signHmac(body, secret, prefixed), 'signature'],
    ['without that prefix', prefixed, secret, signHmac(body, secret, { encoding: 'hex' }), refusals.wrong],
    ['without the prefix of the header', hex, secret, signature.slice('sha256='.length), refusals.wrong],
    ['of another length', hex, secret, `${signature}00`, refusals.wrong],
    ['by another secret', hex, 'another-secret', signature, refusals.wrong],
    ['none', hex, secret, undefined, refusals.missing],
    ['by an empty secret where none is set', hex, '', signHmac(body, '', hex), refusals.noSecret],
    ['where there is no secret', hex, undefined, signature, refusals.noSecret],
  ])('%s', (_case, scheme, key, presented, expected) => {
    const headers: Record<string, string> = presented === undefined ? {} : { 'x-signature': presented };
    expect(said(verifyHmac(message({ headers }), key, scheme))).toBe(expected);
  });

  it('is over the bytes, not over what they decode to', () => {
    const invalid = Buffer.from([0xff, 0xfe]);
    const headers = { 'x-signature': signHmac(invalid, secret, base64) };
    expect(said(verifyHmac(message({ headers, body: invalid }), secret, base64))).toBe('signature');
    const replaced = Buffer.from(invalid.toString());
    expect(said(verifyHmac(message({ headers, body: replaced }), secret, base64))).toBe(refusals.wrong);
  });

  it('takes the one text of a digest in base64, not another that decodes to the same bytes', () => {
    const right = signHmac(body, secret, base64);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = alphabet.indexOf(right.at(-2) ?? '');
    const other = `${right.slice(0, -2)}${alphabet[last ^ 1]}=`;
    expect(Buffer.from(other, 'base64')).toEqual(Buffer.from(right, 'base64'));
    expect(said(verifyHmac(message({ headers: { 'x-signature': other } }), secret, base64))).toBe(refusals.wrong);
  });
});

it('says that nothing proves a message whose format has no proof', () => {
  expect(said(unproven(message()))).toBe('nothing');
});
