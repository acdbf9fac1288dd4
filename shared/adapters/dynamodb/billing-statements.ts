import * as z from 'zod';
import type { StatementReader } from '../../ports/payouts.ts';
import { partyDocumentsPk } from './billing-documents.ts';
import { type BillingTableDependencies, createBillingTable, minorUnits } from './billing-table.ts';

const statementItem = z.object({
  number: z.string(),
  month: z.string(),
  currency: z.string(),
  issuedAt: z.string(),
  netMinor: minorUnits,
  taxMinor: minorUnits,
  withholdingMinor: minorUnits.default(0n),
});

/** Reads what was issued to affiliates, from the copies that the billing table keeps for each party. */
export function createStatementReader(dependencies: BillingTableDependencies): StatementReader {
  const table = createBillingTable(dependencies);
  return {
    async of(affiliateId) {
      const statements = [];
      for await (const item of table.query(partyDocumentsPk(affiliateId))) {
        const { netMinor, taxMinor, withholdingMinor, ...statement } = statementItem.parse(item);
        statements.push({ ...statement, amountMinor: netMinor + taxMinor - withholdingMinor });
      }
      return statements;
    },
  };
}
