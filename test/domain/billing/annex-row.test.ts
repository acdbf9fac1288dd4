import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnnexRow,
  chargeRow,
  commissionRow,
  rowFromLine,
  rowToLine,
} from '../../../shared/domain/billing/annex-row.ts';
import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import { ADVERTISER_ID, lead, transition } from '../../support/builders.ts';

const reversed = lead({
  status: 'reversed',
  version: 2,
  history: [transition(), transition({ version: 2, action: 'reversed', status: 'reversed' })],
});
const [confirmation, reversal] = entriesOf(reversed, 'UTC');

describe('rows of a document', () => {
  it('hold what an entry charges, and nothing of what it earns', () => {
    expect(chargeRow(confirmation!)).toMatchObject({ kind: 'lead', amountMinor: 2500n, month: '2025-11' });
    expect(chargeRow(reversal!)).toMatchObject({ kind: 'reversal', amountMinor: -2500n });
    expect(Object.values(chargeRow(confirmation!))).not.toContain(1800n);
  });

  it('hold what an entry earns its affiliate', () => {
    expect(commissionRow(confirmation!)?.amountMinor).toBe(1800n);
    expect(commissionRow(reversal!)?.amountMinor).toBe(-1800n);
    expect(Object.values(commissionRow(confirmation!)!)).not.toContain(2500n);
  });

  it('are of no affiliate where nobody earns anything', () => {
    const [entry] = entriesOf(lead({ affiliateId: undefined, commissionMinor: 0n }), 'UTC');
    expect(commissionRow(entry!)).toBeUndefined();
    expect(chargeRow(entry!)).toMatchObject({ affiliateId: undefined, amountMinor: 2500n });
  });

  it('name the advertiser nowhere but where they are kept', () => {
    expect(rowToLine(commissionRow(confirmation!)!)).not.toContain(ADVERTISER_ID);
  });

  it('are the same after they were written and read, however their fields were ordered', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
        fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF'),
        fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('\n', '\u2028', '\ud83d', 'ä', '\u0000')),
        (amountMinor, currency, transactionId) => {
          const row: AnnexRow = { ...chargeRow(confirmation!), amountMinor, currency, transactionId };
          const line = rowToLine(row);
          expect(rowFromLine(line)).toEqual(row);
          expect(rowToLine(rowFromLine(line))).toBe(line);
          expect(line.indexOf('\n')).toBe(line.length - 1);
        },
      ),
    );
  });
});
