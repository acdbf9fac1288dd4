import * as z from 'zod';
import { month } from './primitives.ts';

/** What `render-documents` is asked to write. A message may come twice: what is written stays as it is. */
export const renderMessage = z.discriminatedUnion('kind', [
  /** The files of an issued document, whose view is stored. */
  z.object({ kind: z.literal('render-document'), number: z.string() }),
  /** The bundles for bookkeeping of a closed month, once the views of all its documents are stored. */
  z.object({ kind: z.literal('export-month'), month }),
]);

export type RenderMessage = z.infer<typeof renderMessage>;
