import { describe, expect, it } from 'vitest';
import { readRates } from '../../../functions/manage-bookings/read-rates.ts';
import { HttpProblem } from '../../../shared/runtime/problems.ts';

const TODAY = '2025-11-20';

const cubes = (...days: string[]) => `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender>
		<gesmes:name>European Central Bank</gesmes:name>
	</gesmes:Sender>
	<Cube>
${days.join('\n')}
	</Cube>
</gesmes:Envelope>`;
const day = (time: string, ...rates: string[]) => `		<Cube time='${time}'>\n${rates.join('\n')}\n		</Cube>`;
const rate = (currency: string, value: string) => `			<Cube currency='${currency}' rate='${value}'/>`;

const ECB = (date: string, rates: Record<string, string>) => ({ source: 'ecb', date, rates });

/** The fields that a text is refused for, and why. */
function faultsOf(text: string): string[] {
  try {
    readRates(text, TODAY);
  } catch (error) {
    if (error instanceof HttpProblem) return error.errors.map(({ field, message }) => `${field}: ${message}`);
    throw error;
  }
  return [];
}

describe('the rates of the European Central Bank', () => {
  it.each([
    [
      'the XML of a day',
      cubes(day('2025-11-14', rate('USD', '1.1648'), rate('JPY', '179.50'))),
      [ECB('2025-11-14', { USD: '1.1648', JPY: '179.5' })],
    ],
    [
      'the XML of many days, oldest first',
      cubes(day('2025-11-14', rate('USD', '1.1648')), day('2025-11-13', rate('USD', '1.1619'))),
      [ECB('2025-11-13', { USD: '1.1619' }), ECB('2025-11-14', { USD: '1.1648' })],
    ],
    [
      'XML with a BOM and Windows line ends',
      `\ufeff${cubes(day('2025-11-14', rate('USD', '1.1648'))).replaceAll('\n', '\r\n')}`,
      [ECB('2025-11-14', { USD: '1.1648' })],
    ],
    [
      'the CSV of a day, with its own form of dates',
      'Date, USD, JPY, \n14 November 2025, 1.1648, 179.50, \n',
      [ECB('2025-11-14', { USD: '1.1648', JPY: '179.5' })],
    ],
    ['a day of one digit', 'Date, USD, \n3 November 2025, 1.1648, \n', [ECB('2025-11-03', { USD: '1.1648' })]],
    [
      'the CSV of many days, with currencies that were not published',
      'Date,USD,ISK,\r\n2025-11-14,1.1648,N/A,\r\n2025-11-13,1.1619,147.20,\r\n',
      [ECB('2025-11-13', { USD: '1.1619', ISK: '147.2' }), ECB('2025-11-14', { USD: '1.1648' })],
    ],
    ['CSV with a BOM', '\ufeffDate,USD,\n2025-11-14,1.1648,\n', [ECB('2025-11-14', { USD: '1.1648' })]],
  ])('are read from %s', (_what, text, days) => {
    expect(readRates(text, TODAY)).toEqual({ days, ignored: [] });
  });

  it('are passed over where no money is kept in the currency', () => {
    const text = 'Date,USD,CYP,SKK,\n2025-11-14,1.1648,0.58,30.1,\n';
    expect(readRates(text, TODAY)).toEqual({ days: [ECB('2025-11-14', { USD: '1.1648' })], ignored: ['CYP', 'SKK'] });
  });

  it.each([
    ['of tomorrow', cubes(day('2025-11-21', rate('USD', '1'))), 'line 9, USD: 2025-11-21 is yet to come'],
    ['of no day', cubes(day('2025-11-31', rate('USD', '1'))), 'line 9, USD: 2025-11-31 is no day that exists'],
    ['of zero', cubes(day('2025-11-14', rate('SEK', '1'), rate('USD', '0'))), /^line 10, USD: must have a rate/],
    ['with a decimal comma', 'Date,USD,\n2025-11-14,"1,1648",\n', /^line 2, USD: must have a rate above zero.*1,1648$/],
    ['of one currency twice', 'Date,USD,USD\n2025-11-14,1.1,1.1\n', 'line 2, USD: stands twice for 2025-11-14'],
    ['of one day twice', 'Date,USD\n2025-11-14,1.1\n2025-11-14,1.1\n', 'line 3, USD: stands twice for 2025-11-14'],
    ['of the euro', 'Date,EUR\n2025-11-14,1\n', /^line 2, EUR: must be a currency code other/],
    ['of no currency', cubes(day('2025-11-14', "<Cube rate='1'/>")), /^line 9, : must be a currency code/],
    ['of no rate', cubes(day('2025-11-14', "<Cube currency='USD'/>")), /^line 9, USD: must have a rate/],
    ['with too few fields', 'Date,USD,SEK\n2025-11-14,1.1\n', 'line 2: has 2 fields where the header has 3'],
    ['with an open quote', 'Date,USD\n"2025-11-14,1.1\n', /^line \d: has a quote/],
    ['with other delimiters', 'Date;USD\n2025-11-14;1.1\n', /^body: must be the XML or the CSV/],
    ['of nobody', 'currency,rate\nUSD,1.1\n', /^body: must be the XML or the CSV/],
    ['of none', 'Date,USD\n', 'body: must hold a rate'],
    ['of nothing', '', /^body: must be the XML or the CSV/],
    ['in broken XML', cubes(day('2025-11-14', '<Cube>')), /^line \d+: is no XML/],
    ['in other XML', '<rates><rate currency="USD">1</rate></rates>', /^body: must be the XML or the CSV/],
    ['with entities', `<!DOCTYPE x [<!ENTITY a "1">]>${cubes()}`, 'body: must not have a DOCTYPE'],
    ['that are all ignored', 'Date,CYP\n2025-11-14,0.58\n', 'body: must hold a rate'],
  ])('are refused %s', (_what, text, fault) => {
    expect(faultsOf(text)).toEqual([expect.stringMatching(fault)]);
  });

  it('names every bad line at once', () => {
    const text = cubes(day('2025-11-14', rate('USD', 'x'), rate('SEK', '11'), rate('JPY', '-1')));
    expect(faultsOf(text).map((fault) => fault.slice(0, 12))).toEqual(['line 9, USD:', 'line 11, JPY']);
  });

  it.each([
    [400, []],
    [401, ['body: holds 401 days: at most 400 are taken at once, send them in parts']],
  ])('are taken for %d days at once: %j', (count, faults) => {
    const days = Array.from({ length: count }, (_, index) =>
      new Date(Date.parse('2025-11-20') - index * 86_400_000).toISOString().slice(0, 10),
    );
    expect(faultsOf(`Date,USD\n${days.map((date) => `${date},1.1\n`).join('')}`)).toEqual(faults);
  });
});
