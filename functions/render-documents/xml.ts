import { XMLBuilder } from 'fast-xml-parser';

/** An element: its children by name, in order; attributes are named `@…`, text beside them `#text`. What is undefined is left out. */
export interface Xml {
  readonly [name: string]: string | Xml | readonly Xml[] | undefined;
}

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true, indentBy: ' ' });

/** What XML 1.0 has no way to say. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Text for an element or attribute: whatever strangers wrote, it can be said in XML. */
export const text = (value: string): string => value.toWellFormed().replaceAll(UNSAYABLE, '\ufffd');

/** Writes an element and all in it as a document. */
export const toXml = (root: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(root)}`;
