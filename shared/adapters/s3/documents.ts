import { createHash } from 'node:crypto';
import { viewFromText, viewToText } from '../../domain/billing/view-text.ts';
import type { DocumentFiles, DocumentViews, RenderedFiles, RenderedLinks } from '../../ports/documents.ts';
import {
  type Bucket,
  createBucket,
  createObjectStore,
  digestHeader,
  isThereAlready,
  RefusedByStore,
} from './objects.ts';

interface BucketDependencies {
  readonly bucketName: string;
}

const LINK_SECONDS = 300;
/** S3 takes no part below 5 MiB, but the last, and at most 10,000 of them: files of up to 80 GB. */
const UPLOAD_PART_BYTES = 8 * 1024 * 1024;
const MEDIA_TYPES = { annexes: 'application/x-ndjson', bodies: 'application/json' } as const;

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Keeps the parts of documents by their digests, and checks them as they are read. Throws StoreUnavailable. */
export function createDocumentFiles({ bucketName }: BucketDependencies): DocumentFiles {
  const objects = createObjectStore(bucketName);
  return {
    async put(folder, text) {
      const digest = sha256Hex(text);
      await objects.putOnce(`${folder}/${digest}`, text, MEDIA_TYPES[folder]);
      return digest;
    },
    async get(folder, digest) {
      const text = await objects.get(`${folder}/${digest}`);
      if (sha256Hex(text) !== digest) throw new Error(`${folder}/${digest} is not what it was when it was written`);
      return text;
    },
  };
}

const viewKey = (number: string): string => `views/${number}.json`;

/** Keeps what documents say as one object each. Throws StoreUnavailable. */
export function createDocumentViews({ bucketName }: BucketDependencies): DocumentViews {
  const objects = createObjectStore(bucketName);
  return {
    put: (view) => objects.putOnce(viewKey(view.number), viewToText(view), 'application/json'),
    async get(number) {
      try {
        return viewFromText(await objects.get(viewKey(number)));
      } catch (error) {
        if (isNotThere(error)) return undefined;
        throw error;
      }
    },
  };
}

/** Without the right to list the bucket, S3 says 403 of what is not there. */
const isNotThere = (error: unknown): boolean =>
  error instanceof RefusedByStore && (error.status === 404 || error.status === 403);

const renderedKey = (name: string): string => `rendered/${name}`;

/** Writes files for handing out, in parts, so that a file of any size needs the room of one part. Throws StoreUnavailable. */
export function createRenderedFiles({ bucketName }: BucketDependencies): RenderedFiles {
  const bucket = createBucket(bucketName);
  return {
    async write(name, mediaType, pieces) {
      const key = renderedKey(name);
      if (await isThere(bucket, key)) return;
      const begun = await bucket.call(`${key}?uploads=`, {
        method: 'POST',
        headers: { 'content-type': mediaType, 'content-disposition': `attachment; filename="${name}"` },
      });
      const upload = `uploadId=${encodeURIComponent(elementIn(begun.text, 'UploadId'))}`;
      // What is never completed, because writing fails on the way, is not there; the bucket's own rule takes it away.
      const parts: string[] = [];
      for await (const body of chunks(pieces))
        parts.push(await uploadPart(bucket, key, upload, parts.length + 1, body));
      await complete(bucket, key, upload, parts);
    },
  };
}

async function isThere(bucket: Bucket, key: string): Promise<boolean> {
  try {
    await bucket.call(key, { method: 'HEAD' });
    return true;
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}

async function complete(bucket: Bucket, key: string, upload: string, parts: readonly string[]): Promise<void> {
  try {
    const completed = await bucket.call(`${key}?${upload}`, {
      method: 'POST',
      body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
      headers: { 'content-type': 'application/xml', 'if-none-match': '*' },
    });
    // S3 may fail to put the parts together after it has answered 200: then the body says so.
    if (completed.text.includes('<Error>')) throw new Error(`${key} was not put together: ${completed.text}`);
  } catch (error) {
    if (!isThereAlready(error)) throw error;
  }
}

/** Returns how the part is named when the upload is completed. */
async function uploadPart(
  bucket: Bucket,
  key: string,
  upload: string,
  partNumber: number,
  body: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const { headers } = await bucket.call(`${key}?partNumber=${partNumber}&${upload}`, {
    method: 'PUT',
    body,
    headers: digestHeader(body),
  });
  return `<Part><PartNumber>${partNumber}</PartNumber><ETag>${headers.get('etag')}</ETag></Part>`;
}

function elementIn(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  if (text === undefined) throw new Error(`S3 answered without ${name}`);
  return text;
}

async function* chunks(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    const buffer = Buffer.from(piece);
    gathered.push(buffer);
    bytes += buffer.length;
    if (bytes >= UPLOAD_PART_BYTES) {
      yield Buffer.concat(gathered);
      gathered = [];
      bytes = 0;
    }
  }
  if (bytes > 0) yield Buffer.concat(gathered);
}

/** Hands out links to rendered files. Throws StoreUnavailable. */
export function createRenderedLinks({ bucketName }: BucketDependencies): RenderedLinks {
  const bucket = createBucket(bucketName);
  return {
    async link(name, seconds = LINK_SECONDS) {
      const key = renderedKey(name);
      return (await isThere(bucket, key)) ? bucket.link(key, seconds) : undefined;
    },
  };
}
