import { describe, expect, it } from 'vitest';
import { createCipher } from '../../../shared/adapters/kms/cipher.ts';
import { LEAD_ID } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const { env } = await useEngines();
const cipher = createCipher({ prefix: env.SECRETS_PREFIX });
const contact = { email: 'jane@example.com', field_note: 'ü\u0000"' };

describe('the contact cipher', () => {
  it('opens what it sealed, in another instance too', async () => {
    const sealed = await cipher.seal(LEAD_ID, contact);
    expect(await createCipher({ prefix: env.SECRETS_PREFIX }).open(LEAD_ID, sealed)).toEqual(contact);
  });

  it('seals the same data differently each time, each under a key of its own', async () => {
    const [one, two] = await Promise.all([cipher.seal(LEAD_ID, contact), cipher.seal(LEAD_ID, contact)]);
    expect(Buffer.from(one.ciphertext).equals(two.ciphertext)).toBe(false);
    await expect(cipher.open(LEAD_ID, { wrappedKey: two.wrappedKey, ciphertext: one.ciphertext })).rejects.toThrow();
  });

  it('refuses another lead’s data', async () => {
    await expect(cipher.open(`${LEAD_ID.slice(0, -1)}B`, await cipher.seal(LEAD_ID, contact))).rejects.toThrow();
  });

  it.each(['wrappedKey', 'ciphertext'] as const)('refuses data whose %s was altered or cut', async (part) => {
    const sealed = await cipher.seal(LEAD_ID, contact);
    const altered = Uint8Array.from(sealed[part]);
    altered[20]! ^= 1;
    await expect(cipher.open(LEAD_ID, { ...sealed, [part]: altered })).rejects.toThrow();
    for (const length of [0, 10, 28, sealed[part].length - 1]) {
      await expect(cipher.open(LEAD_ID, { ...sealed, [part]: sealed[part].slice(0, length) })).rejects.toThrow();
    }
  });

  it('asks KMS once for many at once, and again after a failure', async () => {
    let asked = 0;
    const failing = createCipher({
      prefix: '/p/',
      callSsm: async () => ({ Parameters: [{ Name: '/p/contact-data-key', Value: 'AAAA' }] }),
      callKms: async () => {
        asked += 1;
        if (asked === 1) throw new Error('down');
        return { Plaintext: Buffer.alloc(32, 7).toString('base64') };
      },
    });
    await expect(failing.seal(LEAD_ID, contact)).rejects.toThrow('down');
    await Promise.all([failing.seal(LEAD_ID, contact), failing.seal(LEAD_ID, contact)]);
    expect(asked).toBe(2);
  });
});
