import * as z from 'zod';
import { type AnnexRow, ROW_KINDS, rowFromLine } from '../domain/billing/annex-row.ts';
import { VAT_CATEGORIES } from '../domain/billing/document-view.ts';
import { parseMicros } from '../domain/money/micros.ts';
import { parseAmount } from '../domain/money/money.ts';
import { sha256Text } from './verification.ts';

/** A text with or without a minus in front, read by what reads it without. */
function signed(text: string, read: (text: string) => bigint | undefined): bigint | undefined {
  const isNegative = text.startsWith('-');
  const value = read(isNegative ? text.slice(1) : text);
  return value !== undefined && isNegative ? -value : value;
}

const micros = z.string().transform((text, context) => {
  const value = signed(text, parseMicros);
  if (value !== undefined) return value;
  context.addIssue(`${text} is no decimal with up to 6 places`);
  return z.NEVER;
});

const annexRow = z.looseObject({}).transform(({ line: _line, ...row }, context): AnnexRow => {
  try {
    return rowFromLine(JSON.stringify(row));
  } catch (error) {
    context.addIssue(`it is no row: ${(error as Error).message}`);
    return z.NEVER;
  }
});

const whole = z
  .string()
  .regex(/^[0-9]+$/, 'must be a whole number')
  .transform(BigInt);

/** The amounts of a document in one currency. */
function documentIn(currency: string) {
  const amount = z.string().transform((text, context) => {
    const value = signed(text, (unsigned) => {
      const parsed = parseAmount(unsigned, currency);
      return parsed.ok ? parsed.amountMinor : undefined;
    });
    if (value !== undefined) return value;
    context.addIssue(`${text} is no amount of ${currency}`);
    return z.NEVER;
  });
  const takenBack = z
    .object({
      number: z.string().optional(),
      line: z.int(),
      lineAmount: amount,
      lineExact: micros,
      exactBefore: micros,
      exact: micros,
    })
    .transform(({ number, line, lineAmount, lineExact, exactBefore, exact }) => ({
      ...{ number, line, ofMinor: lineAmount, ofMicros: lineExact, beforeMicros: exactBefore, micros: exact },
    }));
  const line = z
    .object({
      key: z.string(),
      month: z.string(),
      campaignId: z.string().optional(),
      event: z.string().optional(),
      kind: z.enum(ROW_KINDS),
      text: z.string().optional(),
      entries: z.int(),
      quantity: z.int(),
      unitPrice: micros,
      amount,
      vatCategory: z.enum(VAT_CATEGORIES),
      vatRate: z.string(),
      takenBack: takenBack.optional(),
    })
    .transform(({ unitPrice, amount: amountMinor, ...rest }) => ({ ...rest, unitPriceMicros: unitPrice, amountMinor }));
  const tax = z
    .object({ category: z.enum(VAT_CATEGORIES), rate: z.string(), base: amount, tax: amount })
    .transform(({ category, rate, base, tax: taxMinor }) => ({ category, rate, baseMinor: base, taxMinor }));
  const account = z
    .object({ opening: amount, document: amount, paid: amount, closing: amount })
    .transform(({ opening, document, paid, closing }) => ({
      openingMinor: opening,
      documentMinor: document,
      paidMinor: paid,
      closingMinor: closing,
    }));
  return z.object({
    number: z.string(),
    month: z.string(),
    currency: z.literal(currency),
    net: amount,
    tax: amount,
    gross: amount,
    withheld: amount.optional(),
    account: account.optional(),
    lines: z.array(line),
    taxes: z.array(tax),
    rates: z.array(
      z.object({
        source: z.string(),
        date: z.string(),
        from: z.string(),
        to: z.string(),
        numerator: whole,
        denominator: whole,
      }),
    ),
    annex: z.object({ rows: z.int(), sha256: sha256Text, root: sha256Text, signature: z.string() }),
    annexRows: z.array(annexRow).optional(),
  });
}

const owned = z.looseObject({
  currency: z.string(),
  advertiserId: z.string().optional(),
  affiliateId: z.string().optional(),
});

/** A document as `GET /v1/invoices/{number}.json` and `GET /v1/statements/{number}.json` tell it, read back to what was told. */
export const documentFile = owned.transform((told, context) => {
  const parsed = documentIn(told.currency).safeParse(told);
  if (!parsed.success) {
    for (const { message, path } of parsed.error.issues) context.addIssue({ code: 'custom', message, path });
    return z.NEVER;
  }
  const { net, tax, gross, withheld, ...document } = parsed.data;
  return {
    ...document,
    partyId: told.advertiserId ?? told.affiliateId ?? '',
    netMinor: net,
    taxMinor: tax,
    grossMinor: gross,
    withheldMinor: withheld,
  };
});
