import { describe, expect, it } from 'vitest';
import { type Account, accountName, effectsOn, NETWORK_ACCOUNTS } from '../../../shared/domain/ledger/account.ts';
import { payable, receivable } from '../../../shared/domain/ledger/entry.ts';
import { ADVERTISER_ID, AFFILIATE_ID } from '../../support/builders.ts';

const RECEIVABLE: Account = { kind: 'receivable', advertiserId: ADVERTISER_ID };
const PAYABLE: Account = { kind: 'payable', affiliateId: AFFILIATE_ID };

describe('effectsOn', () => {
  it.each([
    ['what an advertiser owes', RECEIVABLE, 5n],
    ['what an affiliate is owed', PAYABLE, -5n],
    ['what the network earned', { kind: 'network', name: 'revenue' }, -5n],
    ['what a tax office is owed', { kind: 'network', name: 'tax' }, -5n],
    ['what is kept back', { kind: 'network', name: 'withholding' }, -5n],
    ['what conversion left', { kind: 'network', name: 'fx' }, -5n],
    ['what rounding left', { kind: 'network', name: 'rounding' }, -5n],
    ['what is under way', { kind: 'network', name: 'in_transit' }, -5n],
    ['what there is', { kind: 'network', name: 'cash' }, 5n],
  ] as const)('tells %s by a debit', (_what, account, amountMinor) => {
    const legs = [
      { account: accountName(account), amountMinor: 5n },
      { account: 'elsewhere', amountMinor: -5n },
    ];
    expect(effectsOn(account, { currency: 'EUR', legs })).toEqual([{ currency: 'EUR', amountMinor }]);
  });

  it('sums the legs of each currency', () => {
    const account = receivable(ADVERTISER_ID);
    const legs = [
      { account, amountMinor: 5n },
      { account, amountMinor: -7n, currency: 'USD' },
      { account, amountMinor: 2n, currency: 'EUR' },
      { account: payable(AFFILIATE_ID), amountMinor: 100n },
    ];
    expect(effectsOn(RECEIVABLE, { currency: 'EUR', legs })).toEqual([
      { currency: 'EUR', amountMinor: 7n },
      { currency: 'USD', amountMinor: -7n },
    ]);
  });

  it('is none where no leg is on the account, not even of one whose name begins so', () => {
    const legs = [{ account: `${payable(AFFILIATE_ID)}X`, amountMinor: 5n }];
    expect(effectsOn(PAYABLE, { currency: 'EUR', legs })).toEqual([]);
    for (const name of NETWORK_ACCOUNTS) {
      expect(effectsOn({ kind: 'network', name }, { currency: 'EUR', legs })).toEqual([]);
    }
  });
});
