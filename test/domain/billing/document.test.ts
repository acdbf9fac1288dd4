import { describe, expect, it } from 'vitest';
import { isMonthOver, monthBefore } from '../../../shared/domain/billing/close.ts';
import {
  bodyFromText,
  bodyToText,
  type DocumentBody,
  grossOf,
  typeOf,
} from '../../../shared/domain/billing/document.ts';
import { createLineFinder } from '../../../shared/domain/billing/lines.ts';
import { isNumberOf, numberIn, seriesOf } from '../../../shared/domain/billing/number.ts';

describe('the type and series of a document', () => {
  it.each([
    ['invoice', 1n, 'invoice', 'INV-2026'],
    ['invoice', 0n, 'invoice', 'INV-2026'],
    ['invoice', -1n, 'credit_note', 'CRN-2026'],
    ['statement', 1n, 'statement', 'STM-2026'],
    ['statement', 0n, 'statement', 'STM-2026'],
    ['statement', -1n, 'credit_note', 'SCN-2026'],
  ] as const)('%s of %s', (kind, netMinor, type, series) => {
    expect(typeOf({ kind, netMinor })).toBe(type);
    expect(seriesOf({ kind, netMinor }, '2026')).toBe(series);
    expect(seriesOf({ kind, netMinor, entityCode: 'ACME' }, '2026')).toBe(series.replace('-', '-ACME-'));
  });

  it('adds tax to the net', () => {
    expect(grossOf({ netMinor: -100n, taxMinor: -19n })).toBe(-119n);
  });
});

describe('numbers', () => {
  it.each([
    [1, 'INV-2026-000001'],
    [999_999, 'INV-2026-999999'],
    [1_000_000, 'INV-2026-1000000'],
  ])('%i', (sequence, number) => {
    expect(numberIn('INV-2026', sequence)).toBe(number);
    expect(isNumberOf('invoice', number)).toBe(true);
    expect(isNumberOf('statement', number)).toBe(false);
  });

  it.each(['CRN-2026-000001', 'INV-2026-000001', 'INV-AC-2026-000001', 'CRN-ACME2345-2026-000001'])(
    '%s is of an invoice',
    (number) => {
      expect(isNumberOf('invoice', number)).toBe(true);
    },
  );
  it.each(['STM-2026-000001', 'SCN-2026-000001'])('%s is of a statement', (number) => {
    expect(isNumberOf('statement', number)).toBe(true);
  });
  it.each([
    '',
    'INV',
    'INV-2026-1',
    'INV-2026-0000001',
    'inv-2026-000001',
    'ABC-2026-000001',
    ' INV-2026-000001',
    'INV-A-2026-000001',
    'INV-2A-2026-000001',
    'INV-ACME23456-2026-000001',
  ])('"%s" is no number', (text) => {
    expect(isNumberOf('invoice', text)).toBe(false);
    expect(isNumberOf('statement', text)).toBe(false);
  });
});

describe('the body of a document', () => {
  it('is the same after it was written and read, with money beyond 2^53', () => {
    const body: DocumentBody = {
      lines: [
        {
          key: 'a key',
          month: '2025-11',
          campaignId: 'cmp_a',
          campaignName: '123',
          event: 'lead',
          kind: 'reversal',
          entries: 3,
          quantity: -3,
          unitPriceMicros: 123_456_789_012_345_670_000n,
          amountMinor: -37_037_036_703_703_701n,
          takenBack: { number: 'INV-2025-000001', line: 1, ofMicros: 3n, ofMinor: 2n, beforeMicros: 1n, micros: 1n },
        },
      ],
      parts: [{ digest: 'a', month: '2025-11', rows: 3, currency: 'EUR' }],
      commissions: [{ affiliateId: 'aff_a', digest: 'c' }],
    };
    expect(bodyFromText(bodyToText(body), 'EUR')).toEqual(body);
  });

  it('is read as it was kept when prices had no more decimals than their currency', () => {
    const text = JSON.stringify({
      lines: [
        {
          month: '2025-11',
          campaignId: 'cmp_a',
          campaignName: 'A',
          event: 'lead',
          kind: 'reversal',
          quantity: -3,
          unitPriceMinor: '2500',
          amountMinor: '-7500',
        },
      ],
      parts: [],
      commissions: [],
    });
    const { lines } = bodyFromText(text, 'EUR');
    expect(lines).toMatchObject([{ quantity: -3, entries: 3, unitPriceMicros: 25_000_000n, amountMinor: -7500n }]);
    const row = {
      ...{ month: '2025-11', entryId: 'lead_a#LEAD_REVERSED#2', leadId: 'lead_a', transactionId: 't', event: 'lead' },
      ...{ campaignId: 'cmp_a', kind: 'reversal' as const, occurredAt: '', amountMinor: -2500n, currency: 'EUR' },
    };
    expect(createLineFinder(lines)(row)).toBe(1);
  });
});

describe('months', () => {
  it.each([
    ['2025-11', '2025-12-01T00:00:00.000Z', 'UTC', true],
    ['2025-11', '2025-11-30T23:59:59.999Z', 'UTC', false],
    ['2025-12', '2025-11-30T23:59:59.999Z', 'UTC', false],
    ['2025-11', '2025-11-30T23:00:00.000Z', 'Europe/Berlin', true],
    ['2025-11', '2025-11-30T22:59:59.999Z', 'Europe/Berlin', false],
    ['2025-11', '2025-12-01T04:59:59.999Z', 'America/New_York', false],
    ['2025-12', '2026-01-01T00:00:00.000Z', 'UTC', true],
  ])('%s at %s in %s: over %s', (month, now, timeZone, over) => {
    expect(isMonthOver(month, now, timeZone)).toBe(over);
  });

  it.each([
    ['2025-12-01T00:00:00.000Z', 'UTC', '2025-11'],
    ['2026-01-01T00:00:00.000Z', 'UTC', '2025-12'],
    ['2026-01-01T00:00:00.000Z', 'America/New_York', '2025-11'],
    ['2026-10-31T23:30:00.000Z', 'Europe/Berlin', '2026-10'],
  ])('before %s in %s: %s', (now, timeZone, month) => {
    expect(monthBefore(now, timeZone)).toBe(month);
  });
});
