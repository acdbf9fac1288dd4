import { createHash } from 'node:crypto';
import type { ExportFormat } from '../contracts/gl-accounts.ts';
import type { GlAccounts } from '../domain/billing/gl-accounts.ts';
import type { Month } from '../domain/time/calendar.ts';

const DIGEST_CHARACTERS = 8;

/** The name of a month's bundle: with other accounts it is another bundle. */
export function exportName(month: Month, format: ExportFormat, accounts: GlAccounts): string {
  const digest = createHash('sha256').update(JSON.stringify(accounts)).digest('hex').slice(0, DIGEST_CHARACTERS);
  return `export-${month}-${format}-${digest}.zip`;
}
