import type { DocumentDraft, DocumentKind } from './document.ts';
import { typeOf } from './document.ts';

const PREFIXES: Readonly<Record<DocumentKind, { readonly owed: string; readonly credited: string }>> = {
  invoice: { owed: 'INV', credited: 'CRN' },
  statement: { owed: 'STM', credited: 'SCN' },
};

const SEQUENCE_DIGITS = 6;
const NUMBER = /^(?<prefix>[A-Z]{3})-(?:[A-Z][A-Z0-9]{1,7}-)?[0-9]{4}-(?:[0-9]{6}|[1-9][0-9]{6,11})$/;

/** What a document's series depends on. Legal entities number by themselves: the default one without a code, the others with theirs. */
export type Numbered = Pick<DocumentDraft, 'kind' | 'netMinor'> & { readonly entityCode?: string | undefined };

/** The series that a document of this kind, net and legal entity is numbered in, in a year of issue: `INV-2026`, `INV-ACME-2026`. */
export function seriesOf(draft: Numbered, year: string): string {
  const { owed, credited } = PREFIXES[draft.kind];
  const prefix = typeOf(draft) === 'credit_note' ? credited : owed;
  return draft.entityCode === undefined ? `${prefix}-${year}` : `${prefix}-${draft.entityCode}-${year}`;
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
