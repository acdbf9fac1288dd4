import type { Clock } from '../runtime/clock.ts';
import type { Pace } from '../runtime/pace.ts';
import type { CallAws } from './aws-json.ts';
import type { CatalogReaderOptions } from './dynamodb/catalog-reader.ts';
import type { Cipher } from './kms/cipher.ts';

/** What stores have around them, where it is not the real thing. */
export interface Surroundings extends Pick<CatalogReaderOptions, 'nowMs' | 'maxItems'> {
  readonly callSsm?: CallAws;
  readonly cipher?: Cipher;
  readonly pace?: Pace;
  readonly clock?: Clock;
}
