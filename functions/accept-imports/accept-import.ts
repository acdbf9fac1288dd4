import {
  IMPORT_LIMIT_BYTES,
  type ImportChunkMessage,
  importAccepted,
  importFileColumns,
  importMediaTypes,
} from '../../shared/contracts/imports.ts';
import { clickChunkNumbers, type ImportRecord } from '../../shared/domain/imports/progress.ts';
import { type ImportRow, planChunks } from '../../shared/domain/imports/rows.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { ChunkFiles } from '../../shared/ports/chunk-files.ts';
import type { ImportStore } from '../../shared/ports/imports.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { bodyText, type HttpEvent, type HttpHandler, json, mediaType } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { splitCsv, splitNdjson } from '../../shared/runtime/lines.ts';
import { unsupportedMediaType } from '../../shared/runtime/problems.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import { chunkMessages, releaseConversions } from '../../shared/use-cases/release-conversions.ts';
import { type ReadRows, readRows } from './read-rows.ts';

export interface AcceptImportDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly imports: ImportStore;
  readonly files: Pick<ChunkFiles<ImportRow>, 'putChunk'>;
  readonly queue: Queue<ImportChunkMessage>;
  readonly clock: Clock;
  readonly makeId: MakeId;
  /** Told that messages could not be sent. The import was taken in all the same; the reconcile sends them again. */
  readonly onUnsent: (importId: string, error: unknown) => void;
}

const CONCURRENT_PUTS = 16;

/**
 * Takes an import in: reads and checks every line, keeps the good rows in chunks, and answers once all of that is durable. What the lines
 * name is looked up as the chunks are worked off.
 */
export function createAcceptImport(dependencies: AcceptImportDependencies): HttpHandler {
  const { catalog, imports, clock, makeId, onUnsent } = dependencies;
  return async (event) => {
    const { kid } = await authenticate(catalog, event, ['operator']);
    const acceptedAt = clock();
    const read = readBody(event, acceptedAt);
    const importId = makeId('imp');
    const chunks = await keepChunks(dependencies, importId, read);
    const record: ImportRecord = {
      importId,
      kid,
      acceptedAt,
      rows: read.rows.length + read.refused.length,
      refusedRows: read.refused.length,
      ...chunks,
      doneAt: chunks.clickChunks + chunks.conversionChunks === 0 ? acceptedAt : undefined,
    };
    await imports.accept(record, read.refused);
    try {
      await start(dependencies, record);
    } catch (error) {
      onUnsent(importId, error);
    }
    return json(202, importAccepted.parse({ importId }), { location: `/v1/imports/${importId}` });
  };
}

/** Conversions follow their clicks: whoever stores the last one sends them. Without clicks, those of earlier imports decide when. */
async function start({ imports, queue, clock }: AcceptImportDependencies, record: ImportRecord): Promise<void> {
  if (record.clickChunks > 0) await queue.sendAll(chunkMessages(record.importId, clickChunkNumbers(record)));
  else await releaseConversions({ imports, queue, now: clock });
}

function readBody(event: HttpEvent, now: string): ReadRows {
  const type = mediaType(event);
  if (!Object.hasOwn(importMediaTypes, type)) throw unsupportedMediaType(Object.keys(importMediaTypes));
  const text = bodyText(event, IMPORT_LIMIT_BYTES);
  const format = importMediaTypes[type as keyof typeof importMediaTypes];
  return readRows(format === 'csv' ? splitCsv(text, importFileColumns) : splitNdjson(text), now);
}

async function keepChunks(
  { files }: AcceptImportDependencies,
  importId: string,
  { rows }: ReadRows,
): Promise<Pick<ImportRecord, 'clickChunks' | 'conversionChunks'>> {
  const { clickChunks, conversionChunks } = planChunks(rows);
  const chunks = [...clickChunks, ...conversionChunks].entries();
  await forEachConcurrently(chunks, CONCURRENT_PUTS, ([chunk, chunkRows]) =>
    files.putChunk(importId, chunk, chunkRows),
  );
  return { clickChunks: clickChunks.length, conversionChunks: conversionChunks.length };
}
