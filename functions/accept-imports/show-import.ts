import { type ImportStatus, importStatus, LISTED_FAILED_LINES } from '../../shared/contracts/imports.ts';
import { importId as importIdSchema } from '../../shared/contracts/primitives.ts';
import { type ImportRecord, sumChunks } from '../../shared/domain/imports/progress.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { ImportStore } from '../../shared/ports/imports.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, pathParameter } from '../../shared/runtime/http.ts';
import { notFound } from '../../shared/runtime/problems.ts';
import type { ResumeImports } from '../../shared/use-cases/resume-imports.ts';

export interface ShowImportDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly imports: Pick<ImportStore, 'get' | 'chunks' | 'failedLines'>;
  readonly resumeImports: Pick<ResumeImports, 'one'>;
  /** Told that messages could not be sent again; what is known of the import is shown all the same. */
  readonly onUnsent: (importId: string, error: unknown) => void;
}

/** Shows how far an import is. Whoever waits for one that has stalled sets it going again, instead of waiting for the reconcile. */
export function createShowImport(dependencies: ShowImportDependencies): HttpHandler {
  const { catalog, imports, resumeImports, onUnsent } = dependencies;
  return async (event) => {
    await authenticate(catalog, event, ['operator']);
    const importId = pathParameter(event, 'importId');
    const record = importIdSchema.safeParse(importId).success ? await imports.get(importId) : undefined;
    if (record === undefined) throw notFound(`There is no import ${importId}.`);
    if (record.doneAt === undefined) {
      await resumeImports.one(importId).catch((error: unknown) => onUnsent(importId, error));
    }
    return json(200, importStatus.parse(await statusOf(imports, record)));
  };
}

async function statusOf(imports: ShowImportDependencies['imports'], record: ImportRecord): Promise<ImportStatus> {
  const { clicks, verdicts, failedRows } = sumChunks(await imports.chunks(record.importId));
  const failedCount = record.refusedRows + failedRows;
  const failed = failedCount === 0 ? [] : await imports.failedLines(record.importId, LISTED_FAILED_LINES);
  return {
    importId: record.importId,
    status: record.doneAt === undefined ? 'processing' : 'done',
    rows: record.rows,
    accepted: record.rows - failedCount,
    clicks,
    verdicts,
    failed: failed.map(({ line, errors }) => ({ line, errors: [...errors] })),
    failedCount,
    acceptedAt: record.acceptedAt,
    doneAt: record.doneAt,
  };
}
