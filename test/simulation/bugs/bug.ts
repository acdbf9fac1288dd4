import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const bug = z.strictObject({
  /** What is wrong, in a few words. */
  name: z.string(),
  file: z.string(),
  /** Stands in the file exactly once. */
  find: z.string(),
  replace: z.string(),
});

/** A mistake that could have been made: one place of the source, and what would stand there. */
export type Bug = z.infer<typeof bug>;

/** All planted bugs, by the names of their files. Throws where one is no bug. */
export function readBugs(folder: string): Map<string, Bug> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return new Map(
    files
      .sort()
      .map((file) => [file.replace(/\.json$/, ''), bug.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))]),
  );
}

/** The source with the bug in it. Throws where the place is not found exactly once. */
export function plant({ name, find, replace }: Bug, source: string): string {
  const places = source.split(find).length - 1;
  if (places !== 1) throw new Error(`"${name}" has ${places} places instead of one: the source has changed`);
  return source.replace(find, () => replace);
}

/** Plants a bug in a copy of the source; returns how to take it out again. */
export function plantIn(root: string, bug: Bug): () => void {
  const file = join(root, bug.file);
  const source = readFileSync(file, 'utf8');
  writeFileSync(file, plant(bug, source));
  return () => writeFileSync(file, source);
}
