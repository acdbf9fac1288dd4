import { describe, expect, it } from 'vitest';
import { createExportMonth } from '../../../functions/render-documents/export-month.ts';
import { createMonthBalance } from '../../../functions/render-documents/month-balance.ts';
import { createRenderDocument } from '../../../functions/render-documents/render-document.ts';
import { MAX_INLINE_ROWS } from '../../../shared/contracts/billing.ts';
import { DEFAULT_GL_ACCOUNTS } from '../../../shared/domain/billing/gl-accounts.ts';
import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import type { RenderedFiles, RenderedLinks } from '../../../shared/ports/documents.ts';
import { createBillingWorld } from '../../support/billing.ts';
import { ADVERTISER_ID, AFFILIATE_ID, lead } from '../../support/builders.ts';
import { typeface } from '../../support/typeface.ts';

const MONTH = '2025-11';

/** Files in memory, by the contract of the port; a `fault` is thrown as the named file is written. */
function files(fault?: string) {
  const written = new Map<string, Buffer>();
  let faulty = fault;
  const rendered: RenderedFiles = {
    async write(name, _mediaType, pieces) {
      if (written.has(name)) return;
      if (name === faulty) {
        faulty = undefined;
        throw new Error('crash');
      }
      const gathered: Buffer[] = [];
      for await (const piece of pieces) gathered.push(Buffer.from(piece));
      written.set(name, Buffer.concat(gathered));
    },
  };
  const links: RenderedLinks = {
    link: async (name) => (written.has(name) ? `https://files.example/${name}` : undefined),
  };
  return { written, rendered, links };
}

async function closedMonth() {
  const world = createBillingWorld({ advertiserIds: [ADVERTISER_ID] });
  for (let index = 0; index < 3; index += 1) {
    const leadId = `lead_${index.toString().padStart(22, 'A')}`;
    for (const entry of entriesOf(lead({ leadId, transactionId: '=1+1' }), 'UTC')) world.post(entry);
  }
  world.queue.push({ kind: 'close', month: MONTH });
  await world.drain();
  return world;
}

describe('the files of a document', () => {
  it('are written once: a crash leaves the rest to the next try, and a repeat changes nothing', async () => {
    const world = await closedMonth();
    const { written, rendered } = files('INV-2026-000001.xlsx');
    const render = createRenderDocument({ ...world, rendered, typeface });
    await expect(render('INV-2026-000001')).rejects.toThrow('crash');
    await render('INV-2026-000001');
    const first = new Map(written);
    await render('INV-2026-000001');
    expect([...written]).toEqual([...first]);
    expect([...written.keys()].filter((name) => !name.endsWith('xml'))).toEqual([
      'INV-2026-000001.pdf',
      'INV-2026-000001.xlsx',
    ]);
  });

  it('have the annex as files too where it is too large for an answer', async () => {
    const world = await closedMonth();
    const view = (await world.views.get('INV-2026-000001'))!;
    world.state.views.set(view.number, { ...view, annex: { ...view.annex, rows: MAX_INLINE_ROWS + 1 } });
    const { written, rendered } = files();
    await createRenderDocument({ ...world, rendered, typeface })('INV-2026-000001');
    const linesIn = (name: string) => written.get(name)!.toString().split('\n').length - 1;
    expect(linesIn('INV-2026-000001.ndjson')).toBe(3);
    expect(linesIn('INV-2026-000001.csv')).toBe(4);
    expect(written.get('INV-2026-000001-eu.csv')!.toString()).toMatch(/^\ufeffnumber;line;/);
    expect(written.get('INV-2026-000001-eu.csv')!.toString()).toContain(";'=1+1;");
  });

  it('are not written of what was never issued', async () => {
    const world = await closedMonth();
    const render = createRenderDocument({ ...world, rendered: files().rendered, typeface });
    await expect(render('INV-2026-000002')).rejects.toThrow('nothing is kept of what INV-2026-000002 says');
  });
});

describe('the bundles of a month', () => {
  async function exporting() {
    const world = await closedMonth();
    const { written, rendered, links } = files();
    const mails: string[] = [];
    let accounts = DEFAULT_GL_ACCOUNTS;
    const dependencies = {
      ...world,
      rendered,
      links,
      accounts: { get: async () => accounts },
      balanceOf: createMonthBalance({
        journal: world.journal,
        allAdvertisers: async () => [{ advertiserId: ADVERTISER_ID }],
        allAffiliates: async () => [{ affiliateId: AFFILIATE_ID }],
      }),
      notices: { send: async (_subject: string, text: string) => void mails.push(text) },
    };
    return {
      world,
      written,
      mails,
      exportMonth: createExportMonth(dependencies),
      setAccounts: (receivable: string) => {
        accounts = { ...DEFAULT_GL_ACCOUNTS, receivable };
      },
    };
  }

  it('are written once the month is closed, and finance is told once', async () => {
    const { written, mails, exportMonth } = await exporting();
    await exportMonth('2025-10');
    expect([written.size, mails]).toEqual([0, []]);
    await exportMonth(MONTH);
    const first = new Map(written);
    await exportMonth(MONTH);
    expect([...written]).toEqual([...first]);
    expect([...written.keys()].map((name) => name.replace(/-[0-9a-f]{8}\.zip$/, ''))).toEqual([
      'export-2025-11-csv',
      'export-2025-11-xlsx',
      'export-2025-11-xero',
      'export-2025-11-datev',
      'export-2025-11-told.txt',
    ]);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain('https://files.example/export-2025-11-datev-');
  });

  it('are others with other accounts', async () => {
    const { written, mails, exportMonth, setAccounts } = await exporting();
    await exportMonth(MONTH);
    setAccounts('10001');
    await exportMonth(MONTH);
    expect([written.size, mails.length]).toEqual([9, 1]);
  });

  it('wait for what every document says', async () => {
    const { world, written, exportMonth } = await exporting();
    world.state.views.delete('STM-2026-000001');
    await expect(exportMonth(MONTH)).rejects.toThrow('nothing is kept of what STM-2026-000001 says');
    expect(written.size).toBe(0);
  });
});
