import { S3Client } from '@aws-sdk/client-s3';

/** A client whose calls end in bounded time. */
export function createS3Client(): S3Client {
  return new S3Client({
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  });
}
