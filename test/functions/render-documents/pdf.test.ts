import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { toCii } from '../../../functions/render-documents/cii.ts';
import { toPdf } from '../../../functions/render-documents/pdf.ts';
import type { DocumentView } from '../../../shared/domain/billing/document-view.ts';
import { eInvoiceOf } from '../../../shared/domain/billing/e-invoice.ts';
import { AFFILIATE, DOCUMENT_SHAPES, documentView, NETWORK } from '../../support/document-views.ts';
import { typeface } from '../../support/typeface.ts';

const xmlOf = (view: DocumentView): string | undefined => {
  const invoice = eInvoiceOf(view);
  return typeof invoice === 'string' ? undefined : toCii(invoice);
};
const face = await typeface();
const render = (view: DocumentView) => toPdf(view, face, xmlOf(view));

/** What is in the compressed streams of a PDF, as text. */
function streamsOf(pdf: Buffer): string[] {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/\/FlateDecode[^>]*>>\s*stream\n/g)].map(({ 0: head, index }) => {
    const start = index + head.length;
    return inflateSync(pdf.subarray(start, text.indexOf('endstream', start))).toString('utf8');
  });
}

const pagesOf = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type \/Page\n/g)?.length ?? 0;

describe('a PDF', () => {
  it.each(['domestic, two rates', 'self-billed credit note', 'long names'])(
    'of the shape "%s" carries its e-invoice as PDF/A-3 and Factur-X do',
    async (shape) => {
      const view = DOCUMENT_SHAPES[shape]!;
      const pdf = await render(view);
      const text = pdf.toString('latin1');
      expect(text).toContain('<pdfaid:part>3</pdfaid:part>');
      expect(text).toContain('<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>');
      expect(text).toContain('<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>');
      expect(text).toContain('/AFRelationship /Alternative');
      expect(streamsOf(pdf)).toContain(xmlOf(view));
      expect(text.match(/\/FontFile2/g)?.length).toBe(2);
      expect(text).not.toMatch(/\/Subtype \/Type1\b/);
    },
  );

  it('is the same for the same view, byte by byte', async () => {
    const view = documentView({ lines: Array.from({ length: 90 }, (_, index) => ({ quantity: index + 1 })) });
    const [first, second] = await Promise.all([render(view), render(view)]);
    expect(first.equals(second)).toBe(true);
    expect(pagesOf(first)).toBe(3);
  });

  it('of a statement without an agreement carries no e-invoice', async () => {
    const account = { openingMinor: 5000n, documentMinor: -12_000n, paidMinor: -1000n, closingMinor: -8000n };
    const view = documentView({
      kind: 'statement',
      typeCode: undefined,
      number: 'STM-2025-000001',
      seller: AFFILIATE,
      buyer: NETWORK,
      account,
    });
    const pdf = await render(view);
    expect(pdf.toString('latin1')).not.toContain('factur-x');
    expect(pagesOf(pdf)).toBe(1);
  });

  it('is made whatever a name has in it', async () => {
    const legalName = `Ромашка Αθήνα שלום 比較 \u{1F600} ${'x'.repeat(300)}`;
    const pdf = await render(
      documentView({ buyer: { ...AFFILIATE, legalName }, lines: [{ description: '\ud800\n=1+1' }] }),
    );
    expect(pagesOf(pdf)).toBe(1);
  });
});
