import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { freshReceiptKeys } from '../../infra/tools/key-rotation.ts';
import { createReceiptKeys } from '../../shared/adapters/ssm/receipt-keys.ts';
import { documentClaims } from '../../shared/contracts/verification.ts';
import { createSignDocument, type SignedFacts } from '../../shared/use-cases/sign-document.ts';

const document: SignedFacts = {
  kind: 'invoice',
  number: 'INV-2025-000001',
  partyId: 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0R8S',
  month: '2025-11',
  currency: 'EUR',
  netMinor: 10_000n,
  taxMinor: 1_900n,
  issuedAt: '2025-12-01T03:00:00.250Z',
  annex: { rows: 4, root: 'a'.repeat(64) },
};

const value = await freshReceiptKeys('2025-11-22T00:00:00.000Z');
const keys = createReceiptKeys({
  prefix: '/test/',
  callSsm: async () => ({ Parameters: [{ Name: '/test/receipt-keys', Value: value }] }),
});
const sign = createSignDocument({ keys, network: 'leads.example' });

describe('a signed document', () => {
  it('says what was issued to whom, by whom and when', async () => {
    const keySet = createLocalJWKSet({ keys: (await keys()).publicKeys } as JSONWebKeySet);
    const { payload } = await jwtVerify(await sign(document), keySet, {
      algorithms: ['EdDSA'],
      typ: 'billing-document+jwt',
    });
    expect(documentClaims.parse(payload)).toEqual({
      iss: 'leads.example',
      iat: 1764558000,
      number: 'INV-2025-000001',
      party: 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0R8S',
      month: '2025-11',
      currency: 'EUR',
      net: '100.00',
      tax: '19.00',
      gross: '119.00',
      rows: 4,
      root: 'a'.repeat(64),
    });
  });

  it('is signed again with the same bytes', async () => {
    expect(await sign(document)).toBe(await sign({ ...document }));
  });
});
