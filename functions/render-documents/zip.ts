import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';

/** A file of a bundle. */
export interface BundleFile {
  readonly name: string;
  readonly content: string | Buffer;
}

/** Puts files into one ZIP archive. `date` is that of all of them, so that the same files make the same archive. */
export async function zipped(files: readonly BundleFile[], date: Date): Promise<Buffer> {
  const archive = new yazl.ZipFile();
  for (const { name, content } of files) {
    archive.addBuffer(Buffer.from(content), name, { mtime: date, forceDosTimestamp: true });
  }
  archive.end();
  return buffer(archive.outputStream);
}
