import type { DocumentDraft, DocumentKind } from './document.ts';
import { typeOf } from './document.ts';

const PREFIXES: Readonly<Record<DocumentKind, { readonly owed: string; readonly credited: string }>> = {
  invoice: { owed: 'INV', credited: 'CRN' },
  statement: { owed: 'STM', credited: 'SCN' },
};

const SEQUENCE_DIGITS = 6;
const NUMBER = /^(?<prefix>[A-Z]{3})-[0-9]{4}-(?:[0-9]{6}|[1-9][0-9]{6,11})$/;

/** The series that a document of this kind and net is numbered in, in a year of issue: `INV-2026`. */
export function seriesOf(draft: Pick<DocumentDraft, 'kind' | 'netMinor'>, year: string): string {
  const { owed, credited } = PREFIXES[draft.kind];
  return `${typeOf(draft) === 'credit_note' ? credited : owed}-${year}`;
}

/** The `sequence`th number of a series, counted from 1: `INV-2026-000001`. */
export function numberIn(series: string, sequence: number): string {
  return `${series}-${sequence.toString().padStart(SEQUENCE_DIGITS, '0')}`;
}

/** Whether a text has the form of a number of this kind of document, in whichever of its series. */
export function isNumberOf(kind: DocumentKind, text: string): boolean {
  const prefix = NUMBER.exec(text)?.groups?.['prefix'];
  const { owed, credited } = PREFIXES[kind];
  return prefix === owed || prefix === credited;
}
