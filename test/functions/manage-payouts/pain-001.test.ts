import { describe, expect, it } from 'vitest';
import { pain001 } from '../../../functions/manage-payouts/files/pain-001.ts';
import { PAYOUT_ID, payout, run, SEPA } from '../../support/payouts.ts';

const payer = { name: 'Network Ltd', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' };
const sent = run({ status: 'sent', payer, sentAt: '2026-02-01T23:30:00.000Z' });

describe('a file for SEPA', () => {
  it.each([
    ['UTC', '2026-02-01'],
    ['Europe/Berlin', '2026-02-02'],
  ])('is to be executed on the day on which it is sent, in %s', (timeZone, day) => {
    expect(pain001(sent, [payout()], timeZone)).toContain(`<ReqdExctnDt><Dt>${day}</Dt></ReqdExctnDt>`);
  });

  it.each([
    ['of another country', 'ABNANL2A'],
    ['that is not given', undefined],
  ])('leaves out a BIC %s', (_which, bic) => {
    const file = pain001(sent, [payout({ payee: { ...SEPA, bic } })], 'UTC');
    expect(file.match(/<BICFI>/g)).toHaveLength(1);
  });

  it('has control totals that no float could sum up', () => {
    const payouts = Array.from({ length: 999 }, (_, index) =>
      payout({ payoutId: PAYOUT_ID.replace('001', `${index + 1}`.padStart(3, '0')), amountMinor: 99_999_999_998n }),
    );
    expect(pain001(sent, payouts, 'UTC').match(/<CtrlSum>998999999980.02<\/CtrlSum>/g)).toHaveLength(2);
  });

  it.each([
    ['an amount beyond what SEPA takes', payout({ amountMinor: 100_000_000_000n })],
    ['nothing to pay', payout({ amountMinor: 0n })],
    ['another currency', payout({ currency: 'USD' })],
    ['an account that is none', payout({ payee: { ...SEPA, iban: 'DE00370400440532013000' } })],
  ])('is not written with %s, and names no account', (_what, wrong) => {
    const write = () => pain001(sent, [wrong], 'UTC');
    expect(write).toThrow();
    expect(write).not.toThrow(/0532/);
  });
});
