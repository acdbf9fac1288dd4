import { IMPORT_LIMIT_BYTES, type ImportStatus } from '../../../shared/contracts/imports.ts';
import { type BegunImport, openBegunImport } from './begun-imports.ts';
import type { ImportClient } from './import-client.ts';
import { type FilePart, type FileSurvey, splitFile, surveyFile } from './split-file.ts';

export interface ImportFileOptions {
  readonly client: ImportClient;
  /** Where is remembered what was begun. */
  readonly begunPath: string;
  readonly limitBytes?: number | undefined;
  /** Told how many lines there are, and whether a former run is taken up. */
  readonly onStart: (rows: number, resumed: boolean) => void;
  /** Told how many lines are done. */
  readonly onProgress: (rows: number) => void;
}

/** What came of a file. */
export interface ImportTotals {
  readonly rows: number;
  readonly clicks: number;
  readonly verdicts: ImportStatus['verdicts'];
  /** The first of them of each part, by their lines in the file. */
  readonly failed: ImportStatus['failed'];
  readonly failedCount: number;
}

/**
 * Sends a file to the service, part after part, and waits for each. A run that was broken off goes on where it was. Throws what the
 * service refuses, and where it stays away too long.
 */
export async function importFile(path: string, options: ImportFileOptions): Promise<ImportTotals> {
  const { onStart, limitBytes = IMPORT_LIMIT_BYTES } = options;
  const survey = await surveyFile(path);
  const begun = await openBegunImport(options.begunPath, survey.digest);
  onStart(survey.rows, begun.importIds.length > 0);
  let totals: ImportTotals = {
    rows: 0,
    clicks: 0,
    verdicts: { confirmed: 0, pending: 0, rejected: 0, duplicate: 0 },
    failed: [],
    failedCount: 0,
  };
  let index = 0;
  for await (const part of splitFile(path, survey, limitBytes)) {
    const result = await importPart(part, survey, options, { begun, index, rowsBefore: totals.rows });
    totals = add(totals, result, part);
    index += 1;
  }
  await begun.end();
  return totals;
}

interface PartContext {
  readonly begun: BegunImport;
  readonly index: number;
  readonly rowsBefore: number;
}

async function importPart(
  part: FilePart,
  { format }: FileSurvey,
  { client, onProgress }: ImportFileOptions,
  { begun, index, rowsBefore }: PartContext,
): Promise<ImportStatus> {
  const progressed = (status: ImportStatus) => onProgress(rowsBefore + rowsDone(status));
  for (;;) {
    const importId = begun.importIds[index] ?? (await client.send(format, part.body));
    await begun.put(index, importId);
    const result = await client.wait(importId, progressed);
    if (result !== undefined) return result;
    // Another service than the one that it was sent to, or one whose data were reset: the part is sent again.
    await begun.forgetFrom(index);
  }
}

const rowsDone = ({ clicks, verdicts, failedCount }: ImportStatus): number =>
  clicks + failedCount + Object.values(verdicts).reduce((sum, count) => sum + count, 0);

const add = (totals: ImportTotals, result: ImportStatus, part: FilePart): ImportTotals => ({
  rows: totals.rows + result.rows,
  clicks: totals.clicks + result.clicks,
  verdicts: {
    confirmed: totals.verdicts.confirmed + result.verdicts.confirmed,
    pending: totals.verdicts.pending + result.verdicts.pending,
    rejected: totals.verdicts.rejected + result.verdicts.rejected,
    duplicate: totals.verdicts.duplicate + result.verdicts.duplicate,
  },
  failed: [...totals.failed, ...result.failed.map(({ line, errors }) => ({ line: part.fileLine(line), errors }))],
  failedCount: totals.failedCount + result.failedCount,
});
