import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { createApiDescription } from '../../shared/contracts/openapi.ts';

/** Writes the description of the API to a file: made when the functions are built, so that none of them has to make it. */
export async function writeOpenApi(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(createApiDescription(packageJson.version)));
}
