import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { DocumentFiles, RenderedFiles, RenderedLinks } from '../../ports/documents.ts';

interface BucketDependencies {
  readonly client: S3Client;
  readonly bucketName: string;
}

const LINK_SECONDS = 300;
/** S3 takes no part below 5 MiB, but the last, and at most 10,000 of them: files of up to 80 GB. */
const UPLOAD_PART_BYTES = 8 * 1024 * 1024;
const JSON_LINES = 'application/x-ndjson';

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Keeps the parts of documents by their digests, and checks them as they are read. */
export function createDocumentFiles({ client, bucketName }: BucketDependencies): DocumentFiles {
  const keyOf = (folder: string, digest: string) => `${folder}/${digest}`;
  return {
    async put(folder, text) {
      const digest = sha256Hex(text);
      await client.send(
        new PutObjectCommand({
          Bucket: bucketName,
          Key: keyOf(folder, digest),
          Body: text,
          ContentType: folder === 'annexes' ? JSON_LINES : 'application/json',
        }),
      );
      return digest;
    },
    async get(folder, digest) {
      const key = keyOf(folder, digest);
      const object = await client.send(new GetObjectCommand({ Bucket: bucketName, Key: key }));
      const text = (await object.Body?.transformToString()) ?? '';
      if (sha256Hex(text) !== digest) throw new Error(`${key} is not what it was when it was written`);
      return text;
    },
  };
}

const renderedKey = (name: string): string => `rendered/${name}`;

/** Writes files for handing out, in parts, so that a file of any size needs the room of one part. */
export function createRenderedFiles({ client, bucketName }: BucketDependencies): RenderedFiles {
  return {
    async write(name, mediaType, pieces) {
      const upload = { Bucket: bucketName, Key: renderedKey(name) };
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({
          ...upload,
          ContentType: mediaType,
          ContentDisposition: `attachment; filename="${name}"`,
        }),
      );
      try {
        const parts: { PartNumber: number; ETag: string | undefined }[] = [];
        for await (const Body of chunks(pieces)) {
          const PartNumber = parts.length + 1;
          const { ETag } = await client.send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body }));
          parts.push({ PartNumber, ETag });
        }
        await client.send(
          new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts: parts } }),
        );
      } catch (error) {
        // The bucket's own rule takes away what cannot be aborted now.
        await client.send(new AbortMultipartUploadCommand({ ...upload, UploadId })).catch(() => undefined);
        throw error;
      }
    },
  };
}

async function* chunks(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
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

/** Hands out links to rendered files. They end with the credentials that signed them, after five minutes at the latest. */
export function createRenderedLinks({ client, bucketName }: BucketDependencies): RenderedLinks {
  return {
    async link(name) {
      const object = { Bucket: bucketName, Key: renderedKey(name) };
      try {
        await client.send(new HeadObjectCommand(object));
      } catch (error) {
        // Without the right to list the bucket, S3 says 403 of what is not there.
        const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
        if (status === 404 || status === 403) return undefined;
        throw error;
      }
      return getSignedUrl(client, new GetObjectCommand(object), { expiresIn: LINK_SECONDS });
    },
  };
}
