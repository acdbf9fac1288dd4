import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Typeface } from '../../functions/render-documents/sheet.ts';

const { resolve } = createRequire(import.meta.url);

/** The typeface that the build puts beside the code. */
export async function typeface(): Promise<Typeface> {
  return {
    regular: await readFile(resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf')),
    bold: await readFile(resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf')),
  };
}
