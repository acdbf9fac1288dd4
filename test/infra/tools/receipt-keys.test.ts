import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { CompactSign, generateKeyPair, type JSONWebKeySet } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import {
  freshClickIdKeys,
  freshReceiptKeys,
  rotateClickIdKeys,
  rotateReceiptKeys,
} from '../../../infra/tools/key-rotation.ts';
import { rotateKeys } from '../../../infra/tools/rotate-keys.ts';
import { inWords, receiptIn, verifyReceipt } from '../../../infra/tools/verify-receipt.ts';
import { createReceiptKeys } from '../../../shared/adapters/ssm/receipt-keys.ts';
import type { ToldReceipt } from '../../../shared/contracts/receipts.ts';
import { createSignReceipt } from '../../../shared/use-cases/sign-receipt.ts';
import { RECEIPT_ID } from '../../support/builders.ts';

const MADE_AT = '2025-11-22T00:00:00.000Z';
const SOON = '2025-11-22T00:14:59.999Z';
const LATER = '2025-11-22T00:15:00.000Z';
const told: ToldReceipt = {
  receiptId: RECEIPT_ID,
  receivedAt: '2025-11-22T12:00:00.250Z',
  status: 'duplicate',
  reason: 'duplicate_transaction',
  leadId: 'lead_3q2-7wAAAAAAAAAAAAAAAA',
  campaignId: 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8S',
  bodyHash: 'abcdefghijklmnopqrstuv',
  original: { receiptId: RECEIPT_ID, status: 'rejected', reason: 'unattributed' },
};

/** The keys of a parameter as a function reads them. */
const keysOf = (value: string) =>
  createReceiptKeys({
    prefix: '/test/',
    callSsm: async () => ({ Parameters: [{ Name: '/test/receipt-keys', Value: value }] }),
  });
const sign = (value: string) =>
  createSignReceipt({ keys: keysOf(value), network: 'leads.example' })(told, told.receivedAt);
const keySetOf = async (value: string) => ({ keys: (await keysOf(value)()).publicKeys }) as JSONWebKeySet;
const kidOf = (receipt: string): string =>
  JSON.parse(Buffer.from(receipt.split('.')[0] ?? '', 'base64url').toString()).kid;

const value = await freshReceiptKeys(MADE_AT);
const receipt = await sign(value);
const keySet = await keySetOf(value);

describe('a signed receipt', () => {
  it('says what was told, by whom and when', async () => {
    expect(await verifyReceipt(receipt, keySet)).toEqual({ iss: 'leads.example', iat: 1763812800, ...told });
  });

  it('does not hold once any byte of it is another', async () => {
    const parts = receipt.split('.').map((part) => Buffer.from(part, 'base64url'));
    const held: string[] = [];
    for (const [index, bytes] of parts.entries()) {
      for (let at = 0; at < bytes.length; at += 1) {
        const altered = parts.map((part) => Buffer.from(part));
        altered[index]![at]! ^= 1;
        const text = altered.map((part) => part.toString('base64url')).join('.');
        await verifyReceipt(text, keySet).then(
          () => held.push(`byte ${at} of part ${index}`),
          () => undefined,
        );
      }
    }
    expect(held).toEqual([]);
  });

  it.each([
    ['a part is missing', async () => receipt.slice(0, receipt.lastIndexOf('.'))],
    ['it is empty', async () => ''],
    ['it says that nothing signed it', async () => unsigned()],
    ['another network signed it', async () => sign(await freshReceiptKeys(MADE_AT))],
    ['another key signed it in the name of one of these', async () => forged('lead-receipt+jwt')],
    ['the same key signed it as something else', async () => signedAs('JWT')],
  ])('does not hold where %s', async (_what, make) => {
    await expect(verifyReceipt(await make(), keySet)).rejects.toThrow();
  });

  it.each([
    ['alone', `${receipt}\n`],
    ['in an answer', JSON.stringify({ receiptId: RECEIPT_ID, status: 'duplicate', receipt })],
  ])('is found in a file that holds it %s', (_how, text) => {
    expect(receiptIn(text)).toBe(receipt);
  });

  it('is missed in an answer without it', () => {
    expect(() => receiptIn('{"status":"queued"}')).toThrow('has no receipt');
  });

  it('is told in words', async () => {
    expect(inWords(await verifyReceipt(receipt, keySet))).toMatchInlineSnapshot(`
      "Signed by     leads.example, 2025-11-22T12:00:00.000Z
      Receipt       rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8G
      Received      2025-11-22T12:00:00.250Z
      Verdict       duplicate (duplicate_transaction): the same was reported before
      First verdict rejected (unattributed), receipt rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8G
      Lead          lead_3q2-7wAAAAAAAAAAAAAAAA
      Campaign      cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8S
      Body hash     abcdefghijklmnopqrstuv"
    `);
  });
});

const base64Url = (data: object) => Buffer.from(JSON.stringify(data)).toString('base64url');
const payload = Buffer.from(receipt.split('.')[1] ?? '', 'base64url');
const unsigned = () => `${base64Url({ alg: 'none', typ: 'lead-receipt+jwt' })}.${receipt.split('.')[1]}.`;
async function forged(typ: string) {
  const { privateKey } = await generateKeyPair('EdDSA');
  return new CompactSign(payload).setProtectedHeader({ alg: 'EdDSA', kid: kidOf(receipt), typ }).sign(privateKey);
}
async function signedAs(typ: string) {
  const [{ kid, x, d }] = JSON.parse(value).keys;
  return new CompactSign(payload)
    .setProtectedHeader({ alg: 'EdDSA', kid, typ })
    .sign({ kty: 'OKP', crv: 'Ed25519', x, d });
}

describe('the keys of receipts', () => {
  it('are published without their private halves, the next one among them', async () => {
    const { keys } = JSON.parse(value);
    expect(keySet.keys).toEqual(
      keys.map(({ kid, x }: { kid: string; x: string }) => ({
        kty: 'OKP',
        crv: 'Ed25519',
        alg: 'EdDSA',
        use: 'sig',
        kid,
        x,
      })),
    );
    expect(keys).toHaveLength(2);
  });

  it('rotate: what was signed before still holds, what is signed then has the key that was known to be next', async () => {
    const rotated = await rotateReceiptKeys(value, LATER);
    const published = await keySetOf(rotated);
    const after = await sign(rotated);
    expect(kidOf(after)).toBe(JSON.parse(value).keys[1].kid);
    await expect(verifyReceipt(receipt, published)).resolves.toMatchObject(told);
    await expect(verifyReceipt(after, published)).resolves.toMatchObject(told);
    // Whoever keeps the keys from before the rotation knows the new one already.
    await expect(verifyReceipt(after, keySet)).resolves.toMatchObject(told);
    expect(published.keys).toHaveLength(3);
  });

  it('lose the private half of the key that is retired', async () => {
    const { keys } = JSON.parse(await rotateReceiptKeys(value, LATER));
    expect(keys.map((key: object) => ({ signs: 'd' in key, retired: 'retiredAt' in key }))).toEqual([
      { signs: false, retired: true },
      { signs: true, retired: false },
      { signs: true, retired: false },
    ]);
  });

  it('do not rotate before the next is known everywhere, 15 minutes after it was made', async () => {
    await expect(rotateReceiptKeys(value, SOON)).rejects.toThrow('rotate again after 2025-11-22T00:15:00.000Z');
    const once = await rotateReceiptKeys(value, LATER);
    await expect(rotateReceiptKeys(once, LATER)).rejects.toThrow('rotate again after 2025-11-22T00:30:00.000Z');
  });

  it.each([
    ['the last millisecond of ten years and a day', '2035-11-24T00:15:00.000Z', true],
    ['one millisecond past them', '2035-11-24T00:15:00.001Z', false],
  ])('stay published once retired until %s', async (_when, now, published) => {
    const once = await rotateReceiptKeys(value, LATER);
    const kids = (await keySetOf(await rotateReceiptKeys(once, now))).keys.map(({ kid }) => kid);
    expect(kids.includes(kidOf(receipt))).toBe(published);
  });

  it('fit in a parameter of 8 KB when rotated every quarter for ever, and are never cut short to fit', async () => {
    const rotatedEvery = async (days: number, times: number) => {
      let rotated = value;
      for (let time = 1; time <= times; time += 1) {
        rotated = await rotateReceiptKeys(
          rotated,
          new Date(Date.parse(MADE_AT) + time * days * 86_400_000).toISOString(),
        );
      }
      return rotated;
    };
    expect((await rotatedEvery(91, 60)).length).toBeLessThanOrEqual(8192);
    await expect(rotatedEvery(30, 60)).rejects.toThrow('receipt-keys is full');
  });
});

describe('the keys of click ids', () => {
  it('rotate to the next, which every function knows, and keep all others', () => {
    const before = JSON.parse(freshClickIdKeys());
    const after = JSON.parse(rotateClickIdKeys(JSON.stringify(before)));
    expect([before.current, after.current]).toEqual([1, 2]);
    expect(Object.keys(after.keys)).toEqual(['1', '2', '3']);
    expect(after.keys).toMatchObject(before.keys);
  });

  it('get a next key first where there is none', () => {
    const { current, keys } = JSON.parse(rotateClickIdKeys('{"current":1,"keys":{"1":"AAAA"}}'));
    expect({ current, ids: Object.keys(keys) }).toEqual({ current: 1, ids: ['1', '2'] });
  });

  it('begin at 0 again after 255', () => {
    const { current, keys } = JSON.parse(rotateClickIdKeys('{"current":254,"keys":{"254":"AAAA","255":"AAAA"}}'));
    expect({ current, ids: Object.keys(keys) }).toEqual({ current: 255, ids: ['0', '254', '255'] });
  });

  it('are never overwritten', () => {
    const keys = Object.fromEntries(Array.from({ length: 256 }, (_, id) => [id, 'AAAA']));
    expect(() => rotateClickIdKeys(JSON.stringify({ current: 7, keys }))).toThrow('is full');
  });
});

describe('rotating', () => {
  it('overwrites the parameter by its own next value', async () => {
    const stored = new Map([['/leadledger/staging/receipt-keys', value]]);
    const send = async ({ input }: GetParameterCommand | PutParameterCommand) => {
      if (!('Value' in input)) return { Parameter: { Value: stored.get(input.Name ?? '') } };
      expect(input).toMatchObject({ Type: 'SecureString', Overwrite: true });
      stored.set(input.Name ?? '', input.Value ?? '');
      return {};
    };
    const ssm = { send } as unknown as Parameters<typeof rotateKeys>[0];
    await rotateKeys(ssm, '/leadledger/staging/receipt-keys', rotateReceiptKeys, LATER);
    expect(JSON.parse(stored.get('/leadledger/staging/receipt-keys') ?? '').current).toBe(
      JSON.parse(value).keys[1].kid,
    );
  });
});

describe('npm run verify-receipt', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leadledger-receipt-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const tool = join(import.meta.dirname, '../../../infra/tools/verify-receipt.ts');
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [tool, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout, stderr }) => ({ code, stdout: stdout + stderr }),
    );

  it('says by its exit code whether a receipt holds', async () => {
    const keys = file('jwks.json', JSON.stringify(keySet));
    const others = file('other.json', JSON.stringify(await keySetOf(await freshReceiptKeys(MADE_AT))));
    const answer = file('answer.json', JSON.stringify({ receipt }));
    const [valid, invalid, unclear] = await Promise.all([
      run(answer, '--jwks', keys),
      run(answer, '--jwks', others),
      run(),
    ]);
    expect(valid).toEqual({ code: 0, stdout: expect.stringContaining('VALID\nSigned by     leads.example') });
    expect(invalid).toEqual({ code: 1, stdout: 'NOT VALID: none of the keys has signed it\n' });
    expect(unclear).toEqual({ code: 2, stdout: expect.stringContaining('Usage: npm run verify-receipt') });
  });
});
