import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { advertiserChanges, affiliateChanges, affiliateToCreate } from '../../shared/contracts/catalog.ts';
import { legalEntityChanges, legalEntityToCreate } from '../../shared/contracts/legal-entities.ts';
import { profileFields, storedTerms, viewTermDays } from '../../shared/contracts/parties.ts';
import { vatId } from '../../shared/contracts/vat-id.ts';

describe('a VAT id', () => {
  it.each([
    ['DE136695976', 'DE136695976'],
    ['de 136 695 976', 'DE136695976'],
    ['ATU13585627', 'ATU13585627'],
    ['FR83404833048', 'FR83404833048'],
    ['NL004495445B01', 'NL004495445B01'],
    ['EL094014201', 'EL094014201'],
    ['GR094014201', 'EL094014201'],
    ['XI110305878', 'XI110305878'],
    ['GB980780684', 'GB980780684'],
    ['CHE-123.456.788 MWST', 'CHE123456788MWST'],
    ['NO923609016', 'NO923609016MVA'],
    ['NO923609016MVA', 'NO923609016MVA'],
    ['US12-3456789', 'US123456789'],
    ['AU51824753556', 'AU51824753556'],
  ])('%s is kept as %s', (text, kept) => {
    expect(vatId.parse(text)).toBe(kept);
  });

  it.each([
    ['DE136695977', 'has a wrong check digit: a digit is mistyped'],
    ['NO923609017MVA', 'has a wrong check digit: a digit is mistyped'],
    ['DE13669597', 'does not have the form of the VAT ids of Germany'],
    ['136695976', 'must begin with the code of its country, such as DE136695976'],
    ['UK980780684', 'must begin with the code of its country, such as DE136695976'],
    ['', 'must begin with the code of its country, such as DE136695976'],
    ['US', 'must begin with the code of its country, such as DE136695976'],
    ['DE136695976€', 'must begin with the code of its country, such as DE136695976'],
  ])('is not %s', (text, message) => {
    expect(vatId.safeParse(text).error?.issues).toMatchObject([{ message }]);
  });
});

const address = { street: 'Rue 1', city: 'Paris', postcode: '75002', country: 'FR' };
const entity = { code: 'NET', legalName: 'Lead Network GmbH', address, email: 'billing@network.example' };
const faultyField = (issues: readonly { path: PropertyKey[] }[] | undefined) =>
  issues?.map(({ path }) => path.join('.'));

describe('the profile of a party', () => {
  it('is optional, and each field is removed by null', () => {
    expect(affiliateToCreate.parse({ name: 'Traffic' })).toEqual({ name: 'Traffic' });
    expect(affiliateChanges.parse({ address: null, withholding: null })).toEqual({ address: null, withholding: null });
  });

  it.each([
    [{ address }],
    [{ address: { city: 'Paris', postcode: '75002', country: 'FR' } }],
    [{ billingCurrency: 'USD' }],
    [{ electronicAddress: '0088:4012345000009' }],
    [{ paymentTerms: 'P0D' }],
    [{ paymentTerms: 'P366D' }],
    [{ selfBilling: { validFrom: '2026-01-01', validTo: '2026-01-01', reference: 'SB-17' } }],
    [{ referredBy: { affiliateId: 'ext:friend', percent: '0.01' } }],
    [{ withholding: { percent: '100', reason: '§ 50a EStG' } }],
    [{ taxExemption: { reason: '§ 19 UStG', code: 'VATEX-EU-132-1A' } }],
    [{ isBusiness: false }],
  ])('may be %o', (fields) => {
    expect(affiliateChanges.parse(fields)).toEqual(fields);
  });

  it.each([
    ['address.country', { address: { ...address, country: 'UK' } }],
    ['address.country', { address: { ...address, country: 'fr' } }],
    ['address.city', { address: { ...address, city: '  ' } }],
    ['address.postcode', { address: { street: 'Rue 1', city: 'Paris', country: 'FR' } }],
    ['vatId', { vatId: 'DE136695977' }],
    ['email', { email: 'nobody' }],
    ['electronicAddress', { electronicAddress: '4012345000009' }],
    ['billingCurrency', { billingCurrency: 'EURO' }],
    ['legalEntityId', { legalEntityId: 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0R8S' }],
    ['paymentTerms', { paymentTerms: 'P1M' }],
    ['paymentTerms', { paymentTerms: 'PT12H' }],
    ['paymentTerms', { paymentTerms: 'P367D' }],
    ['selfBilling.validTo', { selfBilling: { validFrom: '2026-01-02', validTo: '2026-01-01', reference: 'SB-17' } }],
    ['selfBilling.validFrom', { selfBilling: { validFrom: '2026-02-30', reference: 'SB-17' } }],
    ['referredBy.percent', { referredBy: { affiliateId: 'ext:friend', percent: '0' } }],
    ['withholding.percent', { withholding: { percent: '0.00', reason: 'none' } }],
    ['withholding.percent', { withholding: { percent: '100.01', reason: 'none' } }],
    ['withholding.percent', { withholding: { percent: 15, reason: 'none' } }],
    ['taxExemption.code', { taxExemption: { reason: 'none', code: '19 UStG' } }],
    ['isBusiness', { isBusiness: 'no' }],
  ])('has no such %s: %o', (field, fields) => {
    expect(faultyField(affiliateChanges.safeParse(fields).error?.issues)).toEqual([field]);
    expect(faultyField(affiliateToCreate.safeParse({ name: 'Traffic', ...fields }).error?.issues)).toEqual([field]);
  });

  it.each([
    ['P14D', 14],
    ['P2W', 14],
    ['P0D', 0],
    [null, null],
    [undefined, undefined],
  ])('keeps terms of payment of %s as %s days', (paymentTerms, paymentTermDays) => {
    expect(storedTerms({ paymentTerms })).toEqual({ paymentTermDays });
  });

  it('shows terms of payment as days', () => {
    expect([0, 14, 366].map(viewTermDays)).toEqual(['P0D', 'P14D', 'P366D']);
  });
});

describe('a legal entity', () => {
  it('has terms of payment of 14 days, and accounts as payment files have them', () => {
    expect(legalEntityToCreate.parse({ ...entity, iban: 'de89 3704 0044 0532 0130 00', bic: 'cobadeffxxx' })).toEqual({
      ...entity,
      iban: 'DE89370400440532013000',
      bic: 'COBADEFFXXX',
      paymentTerms: 'P14D',
    });
  });

  it.each([
    ['code', { code: 'N' }],
    ['code', { code: '2026' }],
    ['code', { code: 'NETWORK01' }],
    ['iban', { iban: 'DE88370400440532013000' }],
    ['bic', { bic: 'COBA' }],
    ['email', { email: undefined }],
    ['address', { address: undefined }],
  ])('has no such %s: %o', (field, fields) => {
    expect(faultyField(legalEntityToCreate.safeParse({ ...entity, ...fields }).error?.issues)).toEqual([field]);
  });

  it.each([
    ['code', { code: 'OTHER' }],
    ['isDefault', { isDefault: true }],
    ['address', { address: null }],
    ['', {}],
  ])('is not changed so: %s', (field, fields) => {
    expect(faultyField(legalEntityChanges.safeParse(fields).error?.issues)).toEqual([field]);
  });
});

describe('docs/invoicing.md', () => {
  const text = readFileSync('docs/invoicing.md', 'utf8');
  const [entityExample, advertiserExample, affiliateExample] = [...text.matchAll(/```json\n([^`]*)```/g)].map(
    ([, block = '']) => JSON.parse(block),
  );

  it('gives examples that are taken', () => {
    expect(legalEntityToCreate.parse(entityExample)).toMatchObject(entityExample);
    expect(advertiserChanges.parse(advertiserExample)).toEqual(advertiserExample);
    expect(affiliateChanges.parse(affiliateExample)).toEqual(affiliateExample);
  });

  it('tells every field', () => {
    const fields = Object.keys(profileFields).concat(Object.keys(legalEntityToCreate.shape));
    expect(fields.filter((field) => field !== 'isDefault' && !text.includes(field))).toEqual([]);
  });
});
