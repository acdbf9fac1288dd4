import type { DocumentView } from '../domain/billing/document-view.ts';

/** Files that documents are made of. What is kept by its digest never changes and may be written any number of times. */
export interface DocumentFiles {
  /** Keeps a text under its SHA-256 (hex), which it returns. */
  put(folder: 'annexes' | 'bodies', text: string): Promise<string>;
  /** The text with this digest. Throws where it is not there, or is not what it was. */
  get(folder: 'annexes' | 'bodies', digest: string): Promise<string>;
}

/** What issued documents say, each kept by its number. It never changes: a second time changes nothing. Throws StoreUnavailable. */
export interface DocumentViews {
  put(view: DocumentView): Promise<void>;
  /** undefined where there is none (yet). */
  get(number: string): Promise<DocumentView | undefined>;
}

/** Files in the form in which they are handed out, for what is too large for an answer. */
export interface RenderedFiles {
  /** Writes a file piece by piece; it is there once all of it is. What is there stays: a second time changes nothing. */
  write(name: string, mediaType: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void>;
}

export interface RenderedLinks {
  /** A link that opens the file for a few minutes, or as long as told, without a key; undefined where it is not written yet. */
  link(name: string, seconds?: number): Promise<string | undefined>;
}
