/** Messages that were signed elsewhere, as other systems sign theirs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';

const VECTORS = join(import.meta.dirname, '../../../shared/vectors/wire-vectors.json');

/** Takes what was signed elsewhere, by the names of the vectors; skipped, and said why, where they are not at hand. */
export const itTakesSignedElsewhere = <Vectors>(take: (vectors: Vectors) => void): void =>
  it('takes what was signed elsewhere, and not with another signature', ({ skip }) => {
    if (!existsSync(VECTORS)) return skip('the wire vectors are not beside the repository');
    take((JSON.parse(readFileSync(VECTORS, 'utf8')) as { derived: Vectors }).derived);
  });
