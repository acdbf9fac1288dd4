import type { GatedFiles } from '../../ports/gated-files.ts';
import { createBucket, RefusedByStore } from './objects.ts';

/** The link is followed at once: it is where a browser is sent. */
const LINK_SECONDS = 300;

/** The files in a bucket. */
export function createGatedFiles({ bucketName }: { readonly bucketName: string }): GatedFiles {
  const bucket = createBucket(bucketName);
  return {
    async link(key) {
      try {
        await bucket.call(key, { method: 'HEAD' });
      } catch (error) {
        // Without the right to list the bucket, S3 says 403 of what is not there.
        if (error instanceof RefusedByStore && (error.status === 404 || error.status === 403)) return undefined;
        throw error;
      }
      return bucket.link(key, LINK_SECONDS);
    },
  };
}
