import type { DocumentView } from './document-view.ts';

const BIGINT_NAMES = /(?:Minor|Micros)$|^(?:numerator|denominator)$/;

/** A view as text: always the same for the same view. */
export function viewToText(view: DocumentView): string {
  return JSON.stringify(view, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/** Reads a text that `viewToText` wrote. */
export function viewFromText(text: string): DocumentView {
  return JSON.parse(text, (name, value: unknown) => (BIGINT_NAMES.test(name) ? BigInt(value as string) : value));
}
