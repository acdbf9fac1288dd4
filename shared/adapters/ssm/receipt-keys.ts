import { createPrivateKey, sign } from 'node:crypto';
import { CompactSign } from 'jose';
import * as z from 'zod';
import { type PublicKey, RECEIPT_ALGORITHM } from '../../contracts/receipts.ts';
import type { ReceiptKeys } from '../../ports/crypto.ts';
import { SECRET_NAMES } from '../../runtime/secret-names.ts';
import { readerOf, type SecretsDependencies } from './secrets.ts';

/** The parameter of the keys of receipts and documents: `current` signs; those beside it were retired, or stand ready to be the next. */
export const receiptKeysValue = z.object({
  current: z.string(),
  keys: z.array(
    z.object({
      kid: z.string(),
      x: z.base64url(),
      /** The private half. Nobody has that of a retired key. */
      d: z.base64url().optional(),
      madeAt: z.string(),
      retiredAt: z.string().optional(),
    }),
  ),
});

export type ReceiptKeysValue = z.infer<typeof receiptKeysValue>;

const curve = { kty: 'OKP', crv: 'Ed25519' } as const;

/** Reads the keys of receipts, as `readerOf` says. */
export const createReceiptKeys = (dependencies: SecretsDependencies): (() => Promise<ReceiptKeys>) =>
  readerOf(dependencies, SECRET_NAMES.receiptKeys, (text) => {
    const { current, keys } = receiptKeysValue.parse(JSON.parse(text));
    const signing = keys.find(({ kid }) => kid === current);
    if (signing?.d === undefined) throw new Error(`the key ${current} of receipts has no private half`);
    // Made once: under a key in another form each signature would begin with making it.
    const privateKey = createPrivateKey({ key: { ...curve, x: signing.x, d: signing.d }, format: 'jwk' });
    const header = { alg: RECEIPT_ALGORITHM, kid: current };
    return {
      sign: (typ, claims) =>
        new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ ...header, typ }).sign(privateKey),
      kid: current,
      // Ed25519 takes no digest of its own.
      signText: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
      publicKeys: keys.map(({ kid, x }): PublicKey => ({ ...curve, alg: RECEIPT_ALGORITHM, use: 'sig', kid, x })),
    };
  });
