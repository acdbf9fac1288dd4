import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DocumentKind } from '../../../shared/domain/billing/document.ts';
import {
  type Address,
  type BilledParty,
  type LegalEntity,
  mayBillItself,
  supplyOf,
} from '../../../shared/domain/tax/parties.ts';
import { hasVatRates, isInEu, standardRate } from '../../../shared/domain/tax/rates.ts';
import { type ChargedTax, percentOf, type TaxedLine, taxOf, withholdingOf } from '../../../shared/domain/tax/tax-of.ts';
import { billedParty, legalEntity } from '../../support/tax.ts';

const MONTH = '2025-11';
const DAY = '2025-11-30';

describe('standard rates', () => {
  it.each([
    ['DE', '2020-06-30', '19'],
    ['DE', '2020-07-01', '16'],
    ['DE', '2020-12-31', '16'],
    ['DE', '2021-01-01', '19'],
    ['FI', '2024-08-31', '24'],
    ['FI', '2024-09-01', '25.5'],
    ['EE', '2025-06-30', '22'],
    ['EE', '2025-07-01', '24'],
    ['SK', '2024-12-31', '20'],
    ['SK', '2025-01-01', '23'],
    ['RO', '2025-07-31', '19'],
    ['RO', '2025-08-01', '21'],
    ['CH', '2023-12-31', '7.7'],
    ['CH', '2024-01-01', '8.1'],
    ['GB', DAY, '20'],
    ['NO', DAY, '25'],
    ['AT', '2015-12-31', undefined],
    ['AT', '2016-01-01', '20'],
    ['US', DAY, undefined],
    ['constructor', DAY, undefined],
  ])('%s on %s', (country, day, rate) => {
    expect(standardRate(country, day)).toBe(rate);
  });

  it('are kept of the 27 members of the EU and of three others', () => {
    const members = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');
    expect(members.filter((country) => isInEu(country))).toHaveLength(27);
    expect(['CH', 'GB', 'NO'].every((country) => hasVatRates(country) && !isInEu(country))).toBe(true);
    expect(['US', 'XI', 'EL', 'UK'].some((country) => hasVatRates(country))).toBe(false);
  });
});

const at = (country: string): Address => ({ city: 'City', postcode: '10000', country });
const DE = { address: at('DE'), vatId: 'DE136695976' };
const FR = { address: at('FR'), vatId: 'FR83404833048' };
const GB = { address: at('GB'), vatId: 'GB980780684' };
const US = { address: at('US'), vatId: undefined };
const NONE = { address: undefined, vatId: undefined };
const SMALL = { vatId: undefined, taxNumber: '30/123/45678', taxExemption: { reason: '§ 19 UStG' } };

type Entity = Partial<LegalEntity>;
type Party = Partial<BilledParty>;

describe('the tax of an invoice', () => {
  it.each<[string, Entity, Party, string, string, bigint, string | undefined]>([
    ['between two of a country', DE, DE, 'S', '19', 1900n, undefined],
    [
      'by a company with a tax number only',
      { ...DE, vatId: undefined, taxNumber: '1' },
      DE,
      'S',
      '19',
      1900n,
      undefined,
    ],
    ['between businesses of two members', DE, FR, 'AE', '0', 0n, 'VATEX-EU-AE'],
    [
      'to a private person in another member',
      DE,
      { ...FR, vatId: undefined, isBusiness: false },
      'S',
      '19',
      1900n,
      undefined,
    ],
    ['out of the EU', DE, GB, 'G', '0', 0n, 'VATEX-EU-G'],
    ['out of the EU to where no rate is known', DE, US, 'G', '0', 0n, 'VATEX-EU-G'],
    ['out of the EU without a VAT id', { ...DE, vatId: undefined, taxNumber: '1' }, US, 'O', '0', 0n, 'VATEX-EU-O'],
    ['into the EU', GB, DE, 'O', '0', 0n, 'VATEX-EU-O'],
    ['within Great Britain', GB, GB, 'S', '20', 2000n, undefined],
    ['by a small business', { ...DE, ...SMALL }, DE, 'E', '0', 0n, undefined],
    ['by a small business to another member', { ...DE, ...SMALL }, FR, 'E', '0', 0n, undefined],
    ['by a company in the United States', { ...US, taxNumber: '12-3456789' }, US, 'O', '0', 0n, 'VATEX-EU-O'],
    ['by a company without tax data', { ...DE, vatId: undefined }, NONE, 'O', '0', 0n, 'VATEX-EU-O'],
  ])('%s', (_case, entity, party, category, rate, taxMinor, reasonCode) => {
    const supply = supplyOf('invoice', legalEntity(entity), billedParty(party), DAY);
    const decision = taxOf(supply, [{ month: MONTH, amountMinor: 10_000n }]);
    expect(decision).toMatchObject({ ok: true, taxMinor, lineTaxes: [{ vatCategory: category, vatRate: rate }] });
    expect(decision.ok && decision.taxes).toMatchObject([{ category, rate, baseMinor: 10_000n, taxMinor }]);
    expect(decision.ok && decision.taxes[0]?.reasonCode).toBe(reasonCode);
  });

  it('is none where the network has no legal entity', () => {
    const supply = supplyOf('invoice', undefined, billedParty(), DAY);
    expect(taxOf(supply, [{ month: MONTH, amountMinor: 10_000n }])).toMatchObject({
      ok: true,
      taxMinor: 0n,
      taxes: [{ category: 'O', rate: '0', baseMinor: 10_000n }],
    });
  });

  it('has the rate of the month of each line, rounded once for each', () => {
    const estonian = { address: at('EE'), vatId: 'EE100594102' };
    const supply = supplyOf('invoice', legalEntity(estonian), billedParty(estonian), '2025-07-31');
    const lines = [
      { month: '2025-06', amountMinor: -1002n },
      { month: '2025-07', amountMinor: 1001n },
      { month: '2025-07', amountMinor: 1001n },
    ];
    expect(taxOf(supply, lines)).toEqual({
      ok: true,
      taxes: [
        { category: 'S', rate: '22', baseMinor: -1002n, taxMinor: -220n },
        { category: 'S', rate: '24', baseMinor: 2002n, taxMinor: 480n },
      ],
      lineTaxes: ['22', '24', '24'].map((vatRate) => ({ vatCategory: 'S', vatRate })),
      taxMinor: 260n,
    });
  });
});

describe('the tax of what is taken back', () => {
  const CHARGED = { category: 'S', rate: '16' } as const;
  const FREE = { category: 'O', rate: '0', reason: 'Not subject to VAT', reasonCode: 'VATEX-EU-O' } as const;
  const taxed = (party: Party, entity: Entity, ...lines: readonly TaxedLine[]) =>
    taxOf(supplyOf('invoice', legalEntity(entity), billedParty(party), DAY), lines);
  const line = (amountMinor: bigint, original?: ChargedTax): TaxedLine => ({ month: MONTH, amountMinor, original });

  it('is what was charged, beside what is charged today', () => {
    expect(taxed(FR, DE, line(1000n), line(-200n, CHARGED), line(-100n, CHARGED))).toMatchObject({
      ok: true,
      taxes: [
        { category: 'AE', rate: '0', baseMinor: 1000n, taxMinor: 0n },
        { category: 'S', rate: '16', baseMinor: -300n, taxMinor: -48n },
      ],
      lineTaxes: [{ vatCategory: 'AE' }, { vatCategory: 'S', vatRate: '16' }, { vatRate: '16' }],
      taxMinor: -48n,
    });
  });

  it('is none where none was charged, told as exempt beside others', () => {
    expect(taxed(DE, DE, line(-100n, FREE))).toMatchObject({ taxMinor: 0n, taxes: [FREE] });
    expect(taxed(DE, DE, line(1000n), line(-100n, FREE))).toMatchObject({
      taxes: [
        { category: 'S', rate: '19', taxMinor: 190n },
        { category: 'E', rate: '0', reason: 'Not subject to VAT', baseMinor: -100n, taxMinor: 0n },
      ],
    });
  });

  it('says why there is none, where the statement before an agreement said nothing of tax', () => {
    expect(taxed(DE, DE, line(-100n, { category: 'O', rate: '0' }))).toMatchObject({ taxMinor: 0n, taxes: [FREE] });
  });

  it('needs no rate of today, but numbers of whoever charged it', () => {
    expect(taxed(DE, DE, { ...line(-100n, CHARGED), month: '2015-12' })).toMatchObject({ ok: true, taxMinor: -16n });
    expect(taxed(NONE, { vatId: undefined }, line(-100n, CHARGED))).toMatchObject({
      ok: false,
      blockers: [{ message: expect.stringContaining('neither a VAT id nor a tax number') }],
    });
  });

  it('is none on a plain statement', () => {
    const supply = supplyOf('statement', legalEntity(), billedParty({ selfBilling: undefined }), DAY);
    expect(taxOf(supply, [line(-100n, CHARGED)])).toMatchObject({ taxMinor: 0n, taxes: [{ category: 'O' }] });
  });
});

describe('the tax of a statement', () => {
  it.each<[string, Party, string, string]>([
    ['of an affiliate of the same country', DE, 'self_billed', 'S'],
    ['of an affiliate of another member', FR, 'self_billed', 'AE'],
    ['of a private person', { ...DE, isBusiness: false }, 'self_billed', 'O'],
    ['of an affiliate without tax data', { ...DE, vatId: undefined }, 'self_billed', 'O'],
    ['of a small business', { ...DE, ...SMALL }, 'self_billed', 'E'],
    ['without an agreement', { ...DE, selfBilling: undefined }, 'statement', 'O'],
  ])('%s', (_case, party, nature, category) => {
    const supply = supplyOf('statement', legalEntity(), billedParty(party), DAY);
    expect(supply.nature).toBe(nature);
    expect(supply.buyer.legalName).toBe('Lead Network GmbH');
    expect(taxOf(supply, [{ month: MONTH, amountMinor: 100n }])).toMatchObject({ ok: true, taxes: [{ category }] });
  });

  it('is none without a legal entity, as nobody is there to be billed', () => {
    expect(supplyOf('statement', undefined, billedParty(), DAY).nature).toBe('statement');
  });

  it.each([
    ['the day before', '2025-10-31', false],
    ['the first day', '2025-11-01', true],
    ['the last day', '2025-11-30', true],
    ['the day after', '2025-12-01', false],
  ])('is of an agreement on %s', (_when, day, covers) => {
    expect(mayBillItself({ validFrom: '2025-11-01', validTo: '2025-11-30', reference: 'SB-17' }, day)).toBe(covers);
  });
  it('is of an agreement without an end for ever', () => {
    expect(mayBillItself({ validFrom: '2025-11-01', reference: 'SB-17' }, '2999-12-31')).toBe(true);
  });
});

describe('what stands in the way', () => {
  const FOREIGN = 'has the VAT id FR83404833048, but its address is in DE.';
  it.each<[string, DocumentKind, Entity, Party, string[]]>([
    ['nothing', 'invoice', DE, FR, []],
    [
      'an advertiser without an address',
      'invoice',
      DE,
      NONE,
      ['Shop SARL has no address: documents with tax name city, postcode and country.'],
    ],
    [
      'an advertiser without a VAT id',
      'invoice',
      DE,
      { ...FR, vatId: undefined },
      ['Shop SARL has no VAT id: a reverse charge from DE to FR needs both.'],
    ],
    ['a VAT id of another country', 'invoice', DE, { ...FR, address: at('DE') }, [`Shop SARL ${FOREIGN}`]],
    ['a Greek VAT id', 'invoice', DE, { address: at('GR'), vatId: 'EL094014201' }, []],
    [
      'a small business without any number',
      'invoice',
      { ...DE, ...SMALL, taxNumber: undefined },
      DE,
      [
        'Lead Network GmbH has neither a VAT id nor a tax number: where VAT is charged, or an exemption is, it needs one.',
      ],
    ],
    [
      'an agreement without an address',
      'statement',
      DE,
      NONE,
      ['Shop SARL has no address: documents with tax name city, postcode and country.'],
    ],
    ['a plain statement without an address', 'statement', DE, { ...NONE, selfBilling: undefined }, []],
    ['an invoice of a company without tax data', 'invoice', { ...DE, vatId: undefined }, NONE, []],
  ])('%s', (_case, kind, entity, party, messages) => {
    const supply = supplyOf(kind, legalEntity(entity), billedParty(party), DAY);
    const decision = taxOf(supply, [{ month: MONTH, amountMinor: 1n }]);
    expect(decision.ok ? [] : decision.blockers.map(({ message }) => message)).toEqual(messages);
  });

  it('is a month whose rate is not known, told once', () => {
    const supply = supplyOf('invoice', legalEntity(DE), billedParty(DE), '2015-12-31');
    const lines = ['2015-12', '2016-01', '2015-12'].map((month) => ({ month, amountMinor: 1n }));
    const message = 'The rate of VAT in DE in 2015-12 is not known.';
    expect(taxOf(supply, lines)).toEqual({
      ok: false,
      blockers: [{ partyId: legalEntity().legalEntityId, message }],
    });
  });
});

describe('a part of an amount', () => {
  it.each([
    [100n, '19', 19n],
    [50n, '19', 10n],
    [-50n, '19', -10n],
    [2n, '25', 1n],
    [-2n, '25', -1n],
    [1n, '25', 0n],
    [1000n, '25.5', 255n],
    [10_000n, '0.01', 1n],
    [90071992547409931n, '100', 90071992547409931n],
    [1n, '0', 0n],
  ])('%s at %s %%', (amountMinor, percent, part) => {
    expect(percentOf(amountMinor, percent)).toBe(part);
  });

  it('is off by half a minor unit at the most, and as large for a credit', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: 0, max: 10_000 }), (amountMinor, hundredths) => {
        const percent = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
        const off = percentOf(amountMinor, percent) * 10_000n - amountMinor * BigInt(hundredths);
        expect(off >= -5000n && off <= 5000n).toBe(true);
        expect(percentOf(-amountMinor, percent)).toBe(-percentOf(amountMinor, percent));
      }),
    );
  });

  it('is withheld as the profile says', () => {
    expect(withholdingOf({ percent: '15', reason: '§ 50a EStG' }, 1001n)).toBe(150n);
    expect(withholdingOf(undefined, 1001n)).toBe(0n);
  });
});
