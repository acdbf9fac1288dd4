import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountFault } from '../../../shared/domain/verification/check-account.ts';

const ACCOUNT = { openingMinor: 1000n, documentMinor: 8500n, paidMinor: 1000n, closingMinor: 8500n };
const TOTALS = { currency: 'EUR', grossMinor: 10_000n, withheldMinor: 1500n, account: ACCOUNT };

describe('the account of a document', () => {
  it('goes on by gross less what is withheld and what was paid', () => {
    expect(accountFault(TOTALS)).toBeUndefined();
    expect(accountFault({ ...TOTALS, withheldMinor: undefined, grossMinor: 8500n })).toBeUndefined();
    expect(accountFault({ ...TOTALS, account: undefined })).toBeUndefined();
  });

  it('is at fault where any of its figures is altered by a cent', () => {
    const alter = fc.constantFrom<(by: bigint) => typeof TOTALS>(
      (by) => ({ ...TOTALS, withheldMinor: TOTALS.withheldMinor + by }),
      (by) => ({ ...TOTALS, grossMinor: TOTALS.grossMinor + by }),
      ...(['openingMinor', 'documentMinor', 'paidMinor', 'closingMinor'] as const).map((name) => (by: bigint) => ({
        ...TOTALS,
        account: { ...ACCOUNT, [name]: ACCOUNT[name] + by },
      })),
    );
    fc.assert(fc.property(alter, fc.constantFrom(1n, -1n), (altered, by) => accountFault(altered(by)) !== undefined));
  });

  it('is told with both figures', () => {
    expect(accountFault({ ...TOTALS, withheldMinor: 1501n })).toBe(
      'the account, by this document: the document has 85.00 EUR, gross less what is withheld is 84.99',
    );
  });
});
