import PDFDocument from 'pdfkit';

/** The typeface that documents are set in: TrueType files, which PDF/A wants embedded. */
export interface Typeface {
  readonly regular: Uint8Array;
  readonly bold: Uint8Array;
}

export interface Column {
  readonly heading: string;
  /** In points; the one column without it takes what is left. */
  readonly width?: number;
  readonly align?: 'left' | 'right';
}

export interface TextStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly colour?: string;
  readonly align?: 'left' | 'right';
}

const INK = '#1c1f24';
export const MUTED = '#5b6470';
const RULE = '#c9ced6';
const SHADE = '#f1f3f6';

const MARGIN = 46;
const FOOTER_HEIGHT = 36;
const CELL_PADDING = 4;
const ROW_PADDING = 3;
const BODY_SIZE = 9;
const LINE_GAP = 1;
const HAIRLINE = 1 / 2;

/** What the typeface has no sign for is shown as this. */
export const MISSING = '\ufffd';

type PdfInfo = { readonly title: string; readonly language: string; readonly date: Date };

/** The face of pdfkit's current font, of which its own types say nothing. */
interface WithFace {
  readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } };
}

/** A4 pages that are filled from above: what does not fit goes on the next. Measures are in points. */
export class Sheet {
  readonly pdf: PDFKit.PDFDocument;
  readonly left = MARGIN;
  readonly width: number;
  /** Where the next thing goes. */
  y = MARGIN;
  /** Whether anything was shown as `MISSING`. */
  hasMissing = false;
  private readonly onNewPage: (sheet: Sheet) => void;
  /** The style that is set on the page; none on a new one. */
  private style = '';

  constructor(typeface: Typeface, { title, language, date }: PdfInfo, onNewPage: (sheet: Sheet) => void) {
    this.onNewPage = onNewPage;
    this.pdf = new PDFDocument({
      size: 'A4',
      margin: MARGIN,
      subset: 'PDF/A-3b',
      pdfVersion: '1.7',
      lang: language,
      displayTitle: true,
      bufferPages: true,
      // None by default: PDF/A does not allow what pdfkit would take, and a font opened twice is opened again for every text.
      font: '',
      info: { Title: title, Creator: 'leadledger', Producer: 'leadledger', CreationDate: date },
    });
    // What is written below the margin is a footer, and no reason for a page of its own.
    this.pdf.page.margins.bottom = 0;
    this.pdf.registerFont('regular', typeface.regular as Buffer);
    this.pdf.registerFont('bold', typeface.bold as Buffer);
    this.width = this.pdf.page.width - 2 * MARGIN;
  }

  private get bottom(): number {
    return this.pdf.page.height - MARGIN - FOOTER_HEIGHT;
  }

  /** Begins a new page unless there is room for so much. */
  reserve(height: number): boolean {
    if (this.y + height <= this.bottom) return false;
    this.pdf.addPage({ size: 'A4', margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: 0 } });
    this.y = MARGIN;
    this.style = '';
    this.onNewPage(this);
    return true;
  }

  /** Sets the style and returns what of a text can be shown in it. */
  private prepare(text: string, { size = BODY_SIZE, bold = false, colour = INK }: TextStyle): string {
    const style = `${size} ${bold} ${colour}`;
    if (style !== this.style) {
      this.pdf
        .font(bold ? 'bold' : 'regular')
        .fontSize(size)
        .fillColor(colour);
      this.style = style;
    }
    if (/^[\x20-\x7e]*$/.test(text)) return text;
    const { font } = (this.pdf as unknown as WithFace)._font;
    return Array.from(text.replaceAll(/\s+/g, ' '), (character) => {
      if (font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)) return character;
      this.hasMissing = true;
      return MISSING;
    }).join('');
  }

  /** Height of a text within a width. */
  height(text: string, width: number, style: TextStyle = {}): number {
    const shown = this.prepare(text, style);
    return this.pdf.widthOfString(shown) <= width
      ? this.lineHeight()
      : this.pdf.heightOfString(shown, { width, lineGap: LINE_GAP });
  }

  private lineHeight(): number {
    return this.pdf.currentLineHeight(true) + LINE_GAP;
  }

  /** Writes a text in a box whose top left is given, and returns the height it took. The cursor stays. */
  write(text: string, x: number, y: number, width: number, style: TextStyle = {}): number {
    const shown = this.prepare(text, style);
    const { align = 'left' } = style;
    const shownWidth = this.pdf.widthOfString(shown);
    if (shownWidth <= width) {
      // Without a search for where lines end a long table takes a third of the time.
      this.pdf.text(shown, align === 'left' ? x : x + width - shownWidth, y, { lineBreak: false });
      return this.lineHeight();
    }
    this.pdf.text(shown, x, y, { width, align, lineGap: LINE_GAP });
    return this.pdf.y - y;
  }

  /** Writes a paragraph over the whole width and goes below it. */
  paragraph(text: string, style: TextStyle = {}): void {
    this.reserve(this.height(text, this.width, style));
    this.y += this.write(text, this.left, this.y, this.width, style);
  }

  space(height: number): void {
    this.y += height;
  }

  /** A heading that is not left alone at the foot of a page. */
  heading(text: string): void {
    this.reserve(60);
    this.space(12);
    this.y += this.write(text, this.left, this.y, this.width, { bold: true, size: 10 });
    this.space(4);
  }

  rule(): void {
    this.pdf
      .moveTo(this.left, this.y)
      .lineTo(this.left + this.width, this.y)
      .lineWidth(HAIRLINE)
      .strokeColor(RULE)
      .stroke();
  }

  /** A table whose heading is repeated on every page that it goes on. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const boxes = this.boxes(columns);
    const headings = columns.map(({ heading }) => heading);
    const headingHeight = this.rowHeight(boxes, headings, true);
    this.reserve(headingHeight + this.rowHeight(boxes, rows[0] ?? [], false));
    this.row(boxes, headings, headingHeight, true);
    for (const row of rows) {
      const height = this.rowHeight(boxes, row, false);
      if (this.reserve(height)) this.row(boxes, headings, headingHeight, true);
      this.row(boxes, row, height, false);
    }
  }

  private boxes(columns: readonly Column[]): Box[] {
    const taken = columns.reduce((sum, { width = 0 }) => sum + width, 0);
    let x = this.left;
    return columns.map(({ width = this.width - taken, align = 'left' }) => {
      const box = { x: x + CELL_PADDING, width: width - 2 * CELL_PADDING, align };
      x += width;
      return box;
    });
  }

  private rowHeight(boxes: readonly Box[], cells: readonly string[], bold: boolean): number {
    const heights = cells.map((cell, index) => this.height(cell, boxes[index]?.width ?? 0, { bold }));
    return Math.max(...heights) + 2 * ROW_PADDING;
  }

  private row(boxes: readonly Box[], cells: readonly string[], height: number, isHeading: boolean): void {
    if (isHeading) {
      this.pdf.rect(this.left, this.y, this.width, height).fill(SHADE);
      this.style = '';
    }
    for (const [index, { x, width, align }] of boxes.entries()) {
      this.write(cells[index] ?? '', x, this.y + ROW_PADDING, width, { align, bold: isHeading });
    }
    this.y += height;
    this.rule();
  }

  /** Writes the foot of every page: what is told, and which page of how many it is. */
  footers(text: string): void {
    const { start, count } = this.pdf.bufferedPageRange();
    for (let page = start; page < start + count; page += 1) {
      this.pdf.switchToPage(page);
      this.style = '';
      const y = this.pdf.page.height - MARGIN - 8;
      const style = { size: 8, colour: MUTED };
      this.write(text, this.left, y, this.width - 60, style);
      this.write(`${page - start + 1}/${count}`, this.left + this.width - 60, y, 60, { ...style, align: 'right' });
    }
  }

  /** Ends the document; the whole of it. */
  async finish(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      this.pdf.on('data', (piece: Buffer) => pieces.push(piece));
      this.pdf.on('end', resolve);
      this.pdf.on('error', reject);
    });
    this.pdf.end();
    await ended;
    return Buffer.concat(pieces);
  }
}

interface Box {
  readonly x: number;
  readonly width: number;
  readonly align: 'left' | 'right';
}
