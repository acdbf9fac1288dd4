/** Files that documents are made of. What is kept by its digest never changes and may be written any number of times. */
export interface DocumentFiles {
  /** Keeps a text under its SHA-256 (hex), which it returns. */
  put(folder: 'annexes' | 'bodies', text: string): Promise<string>;
  /** The text with this digest. Throws where it is not there, or is not what it was. */
  get(folder: 'annexes' | 'bodies', digest: string): Promise<string>;
}

/** Files in the form in which they are handed out, for what is too large for an answer. */
export interface RenderedFiles {
  /** Writes a file piece by piece; it is there once all of it is. A second time writes the same. */
  write(name: string, mediaType: string, pieces: AsyncIterable<string>): Promise<void>;
}

export interface RenderedLinks {
  /** A link that opens the file for a few minutes, without a key; undefined where it is not written yet. */
  link(name: string): Promise<string | undefined>;
}
