import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import * as z from 'zod';
import { type ReceiptKeysValue, receiptKeysValue } from '../../shared/adapters/ssm/receipt-keys.ts';
import { DOCUMENTS_KEPT_DAYS } from '../../shared/contracts/verification.ts';

const SECRET_BYTES = 32;
const DAY_MS = 86_400_000;
/**
 * How long a key is known before it is used: functions read keys every 5 minutes, and those who check receipts may keep the
 * published ones for 5 more.
 */
const KNOWN_BEFORE_MS = 15 * 60_000;
/** A day longer than documents are kept, as functions sign with a retired key until they read the keys again. */
const PUBLISHED_AFTER_MS = (DOCUMENTS_KEPT_DAYS + 1) * DAY_MS;
/** What a parameter holds: the keys of ten years, rotated once a quarter. */
const PARAMETER_BYTES = 8192;

/** A random key, as the parameters of symmetric keys hold it. */
export const randomKey = (): string => randomBytes(SECRET_BYTES).toString('base64');

async function makeReceiptKey(now: string): Promise<ReceiptKeysValue['keys'][number]> {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { kid: await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x }), x, d, madeAt: now };
}

/** Keys of receipts to begin with: the one that signs, and the next, which is published ahead. */
export async function freshReceiptKeys(now: string): Promise<string> {
  const [first, next] = [await makeReceiptKey(now), await makeReceiptKey(now)];
  return JSON.stringify({ current: first.kid, keys: [first, next] } satisfies ReceiptKeysValue);
}

/**
 * Signs with the next key from now on, and makes another next. The private half of the old one is gone for good; its public half stays
 * for as long as a document signed with it may be kept. Throws where the next key is too young to be known to all who check, and where
 * there is no room for another.
 */
export async function rotateReceiptKeys(text: string, now: string): Promise<string> {
  const { current, keys } = receiptKeysValue.parse(JSON.parse(text));
  const next = keys.find(({ kid, d }) => kid !== current && d !== undefined);
  if (next === undefined) throw new Error('receipt-keys holds no next key');
  const usableAtMs = Date.parse(next.madeAt) + KNOWN_BEFORE_MS;
  if (Date.parse(now) < usableAtMs) {
    throw new Error(
      `The next key is not known everywhere yet: rotate again after ${new Date(usableAtMs).toISOString()}.`,
    );
  }
  const keptAfterMs = Date.parse(now) - PUBLISHED_AFTER_MS;
  const kept = keys
    .filter(({ retiredAt }) => retiredAt === undefined || Date.parse(retiredAt) >= keptAfterMs)
    .map(({ d, ...key }) => (key.kid === current ? { ...key, retiredAt: now } : { ...key, d }));
  const rotated = JSON.stringify({
    current: next.kid,
    keys: [...kept, await makeReceiptKey(now)],
  } satisfies ReceiptKeysValue);
  if (rotated.length > PARAMETER_BYTES) {
    throw new Error('receipt-keys is full: it holds the keys of ten years, rotated once a quarter at the most.');
  }
  return rotated;
}

const CLICK_KEY_IDS = 256;
const clickIdKeys = z.object({ current: z.number().int(), keys: z.record(z.string(), z.base64()) });

/** Keys of click ids to begin with: the one that clicks get, and the next. */
export const freshClickIdKeys = (): string => JSON.stringify({ current: 1, keys: { 1: randomKey(), 2: randomKey() } });

/**
 * Makes new click ids with the next key from now on, and adds another next; where there is none yet, only that. All others are kept: a
 * click id is taken for as long as its key is there. Rotate once an hour at most, so that every function knows the next key.
 */
export function rotateClickIdKeys(text: string): string {
  const { current, keys } = clickIdKeys.parse(JSON.parse(text));
  const after = (id: number) => (id + 1) % CLICK_KEY_IDS;
  const known = keys[after(current)] !== undefined;
  const next = known ? after(current) : current;
  if (keys[after(next)] !== undefined) throw new Error('click-id-keys is full: remove its oldest keys first');
  return JSON.stringify({ current: next, keys: { ...keys, [after(next)]: randomKey() } });
}
