import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Contact } from '../../ports/leads.ts';
import { type CallAws, createAwsCaller } from '../aws-json.ts';
import { readParameters, SECRET_NAMES } from '../ssm/secrets.ts';

/** Contact data as it is kept: encrypted under a key of its own, which is wrapped under the network's data key. */
export interface SealedContact {
  readonly wrappedKey: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export interface ContactCipher {
  seal(leadId: string, contact: Contact): Promise<SealedContact>;
  /** Throws where the data were altered, or belong to another lead. */
  open(leadId: string, sealed: SealedContact): Promise<Contact>;
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const contactFields = z.record(z.string(), z.string());

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

/** Encrypts contact data with AES-256-GCM, bound to its lead. The network's data key is unwrapped by KMS at first use. */
export function createContactCipher({
  prefix,
  callKms = createAwsCaller('kms'),
  callSsm = createAwsCaller('ssm'),
}: {
  readonly prefix: string;
  readonly callKms?: CallAws;
  readonly callSsm?: CallAws | undefined;
}): ContactCipher {
  let dataKey: Promise<Uint8Array> | undefined;
  const networkKey = (): Promise<Uint8Array> => {
    dataKey ??= unwrapDataKey(callKms, callSsm, prefix).catch((error: unknown) => {
      dataKey = undefined;
      throw error;
    });
    return dataKey;
  };
  return {
    async seal(leadId, contact) {
      const key = randomBytes(KEY_BYTES);
      return {
        wrappedKey: encrypt(await networkKey(), key, leadId),
        ciphertext: encrypt(key, Buffer.from(JSON.stringify(contact)), leadId),
      };
    },
    async open(leadId, { wrappedKey, ciphertext }) {
      const key = decrypt(await networkKey(), wrappedKey, leadId);
      return contactFields.parse(JSON.parse(decrypt(key, ciphertext, leadId).toString()));
    },
  };
}

const decryptAnswer = z.object({ Plaintext: z.base64() });

async function unwrapDataKey(callKms: CallAws, callSsm: CallAws, prefix: string): Promise<Uint8Array> {
  const [wrapped] = await readParameters(callSsm, [prefix + SECRET_NAMES.contactDataKey]);
  const { Plaintext } = decryptAnswer.parse(await callKms('TrentService.Decrypt', { CiphertextBlob: wrapped }));
  return Buffer.from(Plaintext, 'base64');
}
