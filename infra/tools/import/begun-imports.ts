import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';

const begunFile = z.record(z.string(), z.object({ importIds: z.array(z.string()) }));

/** What was begun with a file and not ended, so that a run that was broken off can be taken up. */
export interface BegunImport {
  /** The imports of the parts that were sent, in order. */
  readonly importIds: readonly string[];
  put(index: number, importId: string): Promise<void>;
  /** Forgets a part and those after it: the service does not know them. */
  forgetFrom(index: number): Promise<void>;
  /** Forgets it all: the file was imported. */
  end(): Promise<void>;
}

/** Opens what is remembered of the file with this digest. A file of memories that cannot be read is as good as none. */
export async function openBegunImport(path: string, digest: string): Promise<BegunImport> {
  const read = async () => {
    const text = await readFile(path, 'utf8').catch(() => '{}');
    return begunFile.catch({}).parse(parseJson(text));
  };
  const importIds = (await read())[digest]?.importIds ?? [];
  const save = async () => {
    const { [digest]: _former, ...others } = await read();
    await mkdir(dirname(path), { recursive: true });
    const begun = importIds.length === 0 ? others : { ...others, [digest]: { importIds } };
    await writeFile(`${path}.new`, JSON.stringify(begun));
    await rename(`${path}.new`, path);
  };
  return {
    importIds,
    async put(index, importId) {
      importIds[index] = importId;
      await save();
    },
    async forgetFrom(index) {
      importIds.length = index;
      await save();
    },
    async end() {
      importIds.length = 0;
      await save();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
