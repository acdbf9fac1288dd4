import { describe, expect, it } from 'vitest';
import type { RawMessage } from '../../shared/dialects/dialect.ts';
import type { DialectName } from '../../shared/dialects/names.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { resolveReport } from '../../shared/use-cases/take-told/resolve-report.ts';
import { CAMPAIGN_ID, campaign, clickMac } from '../support/builders.ts';
import { posted, RECEIVED_AT, usableSetup } from '../support/dialects.ts';
import { endpoint } from '../support/endpoints.ts';
import { fired } from '../support/postbacks.ts';

/** The worth of a conversion in a campaign with this currency, or which field it is refused for. */
async function worth(name: DialectName, message: RawMessage, currency: string): Promise<string | undefined> {
  const dialect = dialectOf(name);
  const reading = dialect.read(message, usableSetup(dialect, {}));
  const told = reading.kind === 'told' ? reading.told[0] : undefined;
  if (told?.kind !== 'conversion') throw new Error(`told ${told?.kind ?? reading.kind}`);
  const resolved = await resolveReport(
    {
      catalog: { campaign: async () => campaign({ currency }), affiliate: async () => undefined },
      clickSecrets: async () => ({ clickMac: clickMac(), currentClickKeyId: 1 }),
    },
    { endpoint: endpoint({ dialect: name, campaignId: CAMPAIGN_ID }), receivedAt: RECEIVED_AT },
    told.report,
  );
  return 'code' in resolved ? `refused: ${resolved.errors[0]?.field}` : resolved.conversion.amount;
}

/** Where each system gives the amount of a postback, and its currency where it has one. */
const POSTBACKS: [DialectName, string, string, string | undefined][] = [
  ['affise', 'postback?clickid=1&action_id=2', 'sum', 'currency'],
  ['binom', 'click.php?cnv_id=1', 'payout', 'cnv_currency'],
  ['cake', 'p.ashx?r=1&t=2', 'p', 'c'],
  ['everflow', '?transaction_id=1', 'amount', 'currency'],
  ['keitaro', 'postback?subid=1&tid=2', 'payout', 'currency'],
  ['prosper202', 'tracking202/static/gpb.php?subid=1', 'amount', undefined],
  ['redtrack', 'postback?clickid=1', 'sum', 'currency'],
  ['tune', 'aff_lsr?transaction_id=1', 'amount', 'currency'],
  ['voluum', 'postback?cid=1', 'payout', 'currency'],
];

describe.each(POSTBACKS)('an amount that %s tells', (name, url, amount, currency) => {
  it.each([
    ['JPY', '500.00', '500'],
    ['JPY', '499.50', '500'],
    ['EUR', '1.2375', '1.24'],
    ['EUR', '19.999', '20.00'],
    ['EUR', '0.0125', '0.01'],
    ['EUR', '0.125', '0.13'],
    ['EUR', '0.004999999999999999999999', '0.00'],
    ['EUR', '25', '25.00'],
    ['KWD', '12.345', '12.345'],
    ['CLF', '1.23755', '1.2376'],
    ['EUR', '1e3', 'refused: amount'],
    ['EUR', '-1.005', 'refused: amount'],
  ])('in %s: %s', async (of, told, expected) => {
    const sent = `${url}&${amount}=${told}`;
    expect(await worth(name, fired(sent), of)).toBe(expected);
    // In the sender's own currency, whatever the campaign's is.
    if (currency !== undefined) expect(await worth(name, fired(`${sent}&${currency}=${of}`), 'USD')).toBe(expected);
  });
});

describe('an amount that impact.com tells', () => {
  const order = 'CampaignId=1&ActionTrackerId=2&OrderId=A-1';
  it.each([
    ['JPY', 'ItemSubTotal1=3000', '3000'],
    ['JPY', 'ItemPrice1=1000&ItemQuantity1=3', '3000'],
    ['JPY', 'Amount=3000.00', '3000'],
    ['JPY', 'OrderSubTotalPostDiscount=2999.5', '3000'],
    ['EUR', 'ItemPrice1=0.0125&ItemQuantity1=3', '0.04'],
    ['EUR', 'Amount=1.2375', '1.24'],
    ['KWD', 'ItemSubTotal1=12.345', '12.345'],
    ['EUR', 'ItemSubTotal1=5&OrderDiscount=6', 'refused: amount'],
  ])('in %s: %s', async (of, given, expected) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const message = (more = '') => posted(`${order}&${given}${more}`, { headers });
    expect(await worth('impact', message(), of)).toBe(expected);
    expect(await worth('impact', message(`&CurrencyCode=${of}`), 'USD')).toBe(expected);
  });
});

describe('an amount with a decimal comma', () => {
  it.each([
    ['12,34', 'EUR', '12.34'],
    ['12,345', 'EUR', '12.35'],
    ['12,345', 'KWD', '12.345'],
    ['1,234.50', 'EUR', 'refused: amount'],
  ])('%s in %s is Everflow’s alone', async (told, currency, expected) => {
    expect(await worth('everflow', fired(`?transaction_id=1&amount=${told}`), currency)).toBe(expected);
    expect(await worth('tune', fired(`aff_lsr?transaction_id=1&amount=${told}`), currency)).toBe('refused: amount');
  });
});
