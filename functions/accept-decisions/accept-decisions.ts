import * as z from 'zod';
import { type DecisionChunkMessage, decisionsAccepted, SAME_UPLOAD_MS } from '../../shared/contracts/decisions.ts';
import type { Decider, DecisionRecord, DecisionRow } from '../../shared/domain/decisions/decisions.ts';
import { chunkNumbers, cutChunks } from '../../shared/domain/jobs/job.ts';
import { later } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { ChunkFiles } from '../../shared/ports/chunk-files.ts';
import type { Digest } from '../../shared/ports/crypto.ts';
import type { DecisionStore, EarlierUpload, Upload } from '../../shared/ports/decisions.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type HttpEvent, type HttpHandler, type HttpResult, json } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { conflict, invalidField } from '../../shared/runtime/problems.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import { decisionMessages } from '../../shared/use-cases/resume-decisions.ts';
import { readDecisions } from './read-decisions.ts';

export interface AcceptDecisionsDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly decisions: Pick<DecisionStore, 'accept' | 'earlier' | 'get'>;
  readonly files: Pick<ChunkFiles<DecisionRow>, 'putChunk'>;
  readonly queue: Queue<DecisionChunkMessage>;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly digest: Digest;
  /** Told that messages could not be sent. The decisions were taken in all the same; the reconcile sends them again. */
  readonly onUnsent: (decisionId: string, error: unknown) => void;
}

const CONCURRENT_PUTS = 16;

/**
 * Takes many decisions in: checks every line, keeps all of them in chunks, and answers once that is durable. What the lines name is looked
 * up as the chunks are worked off. The same upload within a day is the same decisions, and is answered as the first one was.
 */
export function createAcceptDecisions(dependencies: AcceptDecisionsDependencies): HttpHandler {
  const { catalog, decisions, files, queue, clock, makeId, digest, onUnsent } = dependencies;
  return async (event) => {
    const party = await authenticate(catalog, event, ['operator', 'advertiser']);
    const { rows, content } = readDecisions(event);
    const acceptedAt = clock();
    const since = later(acceptedAt, -SAME_UPLOAD_MS);
    const upload = uploadOf(event, ownerOf(party), digest(JSON.stringify(content)), digest);
    const before = await decisions.earlier(upload.uploadId, since);
    if (before !== undefined) return answerEarlier(decisions, upload, before);

    const decisionId = makeId('dec');
    const chunks = cutChunks(rows);
    await forEachConcurrently(chunks.entries(), CONCURRENT_PUTS, ([chunk, chunkRows]) =>
      files.putChunk(decisionId, chunk, chunkRows),
    );
    const record = { decisionId, party: deciderOf(party), acceptedAt, lines: rows.length, chunks: chunks.length };
    const first = await decisions.accept(record, upload, since);
    if (first !== undefined) return answerEarlier(decisions, upload, first);
    await queue
      .sendAll(decisionMessages(decisionId, chunkNumbers(0, chunks.length)))
      .catch((error: unknown) => onUnsent(decisionId, error));
    return accepted(record);
  };
}

type Sender = Decider & { readonly pixelOnly?: boolean };

const deciderOf = (party: Sender): Decider =>
  party.role === 'operator'
    ? { role: party.role, kid: party.kid }
    : { role: party.role, kid: party.kid, advertiserId: party.advertiserId };

/** Whose uploads are known again: an advertiser's with any of its keys. */
const ownerOf = (party: Decider): string => (party.role === 'operator' ? party.role : party.advertiserId);

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces');

function uploadOf(event: HttpEvent, owner: string, contentHash: string, digest: Digest): Upload {
  const given = event.headers['idempotency-key'];
  if (given === undefined) return { uploadId: digest(JSON.stringify([owner, 'content', contentHash])), contentHash };
  const key = idempotencyKey.safeParse(given);
  if (!key.success) throw invalidField('idempotency-key', key.error.issues[0]?.message ?? '');
  return { uploadId: digest(JSON.stringify([owner, 'key', key.data])), contentHash };
}

async function answerEarlier(
  decisions: Pick<DecisionStore, 'get'>,
  upload: Upload,
  earlier: EarlierUpload,
): Promise<HttpResult> {
  if (upload.contentHash !== earlier.contentHash) {
    throw conflict(
      'idempotency-key-reused',
      'This Idempotency-Key was sent with other decisions within the last day.',
      {
        decisionId: earlier.decisionId,
      },
    );
  }
  const record = await decisions.get(earlier.decisionId);
  if (record === undefined) throw new Error(`decisions ${earlier.decisionId} were there and are not`);
  return accepted(record);
}

function accepted({ decisionId, lines, doneAt }: DecisionRecord): HttpResult {
  const body = { decisionId, status: doneAt === undefined ? 'processing' : 'done', lines };
  return json(202, decisionsAccepted.parse(body), { location: `/v1/decisions/${decisionId}` });
}
