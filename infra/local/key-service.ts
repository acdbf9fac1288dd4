import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Key-value pairs that must be the same when decrypting. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** Wraps data keys as KMS does: what it returns says under which key it was wrapped. */
export interface KeyService {
  encrypt(plaintext: Buffer, keyArn: string, context?: EncryptionContext): Buffer;
  /** Undefined where the blob is not ours, was altered or belongs to another context. */
  decrypt(
    blob: Buffer,
    context?: EncryptionContext,
  ): { readonly plaintext: Buffer; readonly keyArn: string } | undefined;
}

/** A key service whose keys are all one master key; the key ARN and context are authenticated with the data. */
export function createKeyService(masterKey: Buffer): KeyService {
  return {
    encrypt(plaintext, keyArn, context = {}) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(associatedData(keyArn, context));
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      const arn = Buffer.from(keyArn);
      return Buffer.concat([Buffer.from([arn.length]), arn, nonce, cipher.getAuthTag(), body]);
    },
    decrypt(blob, context = {}) {
      const nonceAt = 1 + (blob[0] ?? 0);
      const tagAt = nonceAt + NONCE_BYTES;
      const bodyAt = tagAt + TAG_BYTES;
      if (blob.length < bodyAt) return undefined;
      const keyArn = blob.toString('utf8', 1, nonceAt);
      const decipher = createDecipheriv('aes-256-gcm', masterKey, blob.subarray(nonceAt, tagAt))
        .setAAD(associatedData(keyArn, context))
        .setAuthTag(blob.subarray(tagAt, bodyAt));
      try {
        return { plaintext: Buffer.concat([decipher.update(blob.subarray(bodyAt)), decipher.final()]), keyArn };
      } catch {
        return undefined;
      }
    },
  };
}

function associatedData(keyArn: string, context: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify([keyArn, Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))]));
}
