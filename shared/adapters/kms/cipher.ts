import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { SECRET_NAMES } from '../../runtime/secret-names.ts';
import { type CallAws, createAwsCaller } from '../aws-json.ts';
import { readParameters } from '../ssm/secrets.ts';

/** Named texts as they are kept: encrypted under a key of their own, which is wrapped under the network's data key. */
export interface SealedTexts {
  readonly wrappedKey: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const bytes = z.instanceof(Uint8Array);
export const sealedTexts: z.ZodType<SealedTexts> = z.object({ wrappedKey: bytes, ciphertext: bytes });

type Texts = Readonly<Record<string, string>>;

export interface Cipher {
  /** `boundTo`: the id of the lead, endpoint or destination that the texts are of. */
  seal(boundTo: string, texts: Texts): Promise<SealedTexts>;
  /** Throws where the texts were altered, or are bound to something else. */
  open(boundTo: string, sealed: SealedTexts): Promise<Texts>;
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const openedTexts = z.record(z.string(), z.string());

function encrypt(key: Uint8Array, plain: Uint8Array, boundTo: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(boundTo));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, boundTo: string): Buffer {
  const tagAt = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(boundTo))
    .setAuthTag(sealed.subarray(tagAt));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, tagAt)), decipher.final()]);
}

/** Encrypts contact data and partners' secrets with AES-256-GCM, bound to what they are of. The network's data key is unwrapped by KMS at first use. */
export function createCipher({
  prefix,
  callKms = createAwsCaller('kms'),
  callSsm = createAwsCaller('ssm'),
}: {
  readonly prefix: string;
  readonly callKms?: CallAws;
  readonly callSsm?: CallAws | undefined;
}): Cipher {
  let dataKey: Promise<Uint8Array> | undefined;
  const networkKey = (): Promise<Uint8Array> => {
    dataKey ??= unwrapDataKey(callKms, callSsm, prefix).catch((error: unknown) => {
      dataKey = undefined;
      throw error;
    });
    return dataKey;
  };
  return {
    async seal(boundTo, texts) {
      const key = randomBytes(KEY_BYTES);
      return {
        wrappedKey: encrypt(await networkKey(), key, boundTo),
        ciphertext: encrypt(key, Buffer.from(JSON.stringify(texts)), boundTo),
      };
    },
    async open(boundTo, { wrappedKey, ciphertext }) {
      const key = decrypt(await networkKey(), wrappedKey, boundTo);
      return openedTexts.parse(JSON.parse(decrypt(key, ciphertext, boundTo).toString()));
    },
  };
}

const decryptAnswer = z.object({ Plaintext: z.base64() });

async function unwrapDataKey(callKms: CallAws, callSsm: CallAws, prefix: string): Promise<Uint8Array> {
  const [wrapped] = await readParameters(callSsm, [prefix + SECRET_NAMES.contactDataKey]);
  const { Plaintext } = decryptAnswer.parse(await callKms('TrentService.Decrypt', { CiphertextBlob: wrapped }));
  return Buffer.from(Plaintext, 'base64');
}
