import { createHash } from 'node:crypto';
import { type AnnexRow, rowToLine } from '../../shared/domain/billing/annex-row.ts';
import { createLineFold, netOf, priceLines } from '../../shared/domain/billing/lines.ts';
import { createMerkleTree, isIncluded } from '../../shared/domain/verification/merkle-tree.ts';
import { createSealFold } from '../../shared/domain/verification/seal.ts';
import { sha256Hex } from '../../shared/runtime/crypto.ts';
import { proveEntries } from '../../shared/use-cases/prove-entries.ts';
import { verifyDocument } from '../../shared/use-cases/verify-document.ts';
import { ADVERTISER_ID, AFFILIATE_ID, CAMPAIGN_ID } from '../support/builders.ts';

const ENTRIES = 1_000_000;
/** As many as a file of an annex has. */
const PART_ROWS = 10_000;
const MIB = 1024 * 1024;

export interface VerificationFigures {
  readonly rootCpuSeconds: number;
  readonly proofCpuSeconds: number;
  readonly verifyCpuSeconds: number;
  readonly sealCpuSeconds: number;
  /** The most that the process had while it verified, beyond what it began with. */
  readonly verifyGrowthMiB: number;
}

const leadId = (index: number): string => `lead_${`${index}`.padStart(22, '0')}`;

function line(index: number): string {
  const row: AnnexRow = {
    month: '2025-11',
    entryId: `${leadId(index)}#LEAD_CONFIRMED#1`,
    leadId: leadId(index),
    transactionId: `order-${index}`,
    campaignId: CAMPAIGN_ID,
    event: 'lead',
    affiliateId: AFFILIATE_ID,
    kind: 'lead',
    occurredAt: '2025-11-10T10:00:00.000Z',
    amountMinor: 2500n,
    currency: 'EUR',
  };
  return rowToLine(row).slice(0, -1);
}

async function* lines(): AsyncGenerator<string> {
  for (let index = 0; index < ENTRIES; index += 1) yield line(index);
}

/** Grows the tree of a million entries, proves one of them, verifies the document of all, and seals them. Making them is not counted. */
export async function measureVerification(): Promise<VerificationFigures> {
  const making = await cpuSeconds(async () => {
    for await (const _line of lines());
  });
  const tree = createMerkleTree(sha256Hex);
  const hash = createHash('sha256');
  const root = await cpuSeconds(async () => {
    for await (const each of lines()) tree.add(`${each}\n`);
  });
  for await (const each of lines()) hash.update(`${each}\n`);
  const document = documentOf({ rows: ENTRIES, sha256: hash.digest('hex'), root: tree.root() });
  const before = process.memoryUsage.rss();
  const verify = await cpuSeconds(async () => {
    const fault = await verifyDocument(document, lines(), sha256Hex);
    if (fault !== undefined) throw new Error(fault);
  });
  const verifyGrowthMiB = (process.memoryUsage.rss() - before) / MIB;
  const seal = await cpuSeconds(async () => {
    const fold = createSealFold(sha256Hex, '2025-11-30');
    for await (const text of lines()) fold.add({ recordedAt: '2025-11-10T10:00:00.000Z', text });
    fold.seal();
  });
  return {
    rootCpuSeconds: root - making,
    proofCpuSeconds: (await measureProof(document.annex.root)) - making,
    verifyCpuSeconds: verify - making,
    sealCpuSeconds: seal - making,
    verifyGrowthMiB,
  };
}

async function measureProof(root: string): Promise<number> {
  const parts = Array.from({ length: ENTRIES / PART_ROWS }, (_, index) => ({
    digest: `${index * PART_ROWS}`,
    month: '2025-11',
    rows: PART_ROWS,
  }));
  const files = {
    get: async (_folder: string, digest: string) => {
      const first = Number.parseInt(digest, 10);
      return Array.from({ length: PART_ROWS }, (_, index) => `${line(first + index)}\n`).join('');
    },
  };
  return cpuSeconds(async () => {
    const { entries } = await proveEntries({ files, sha256: sha256Hex }, parts, leadId(ENTRIES / 2));
    const [proof] = entries;
    if (proof === undefined || !isIncluded(sha256Hex, `${proof.line}\n`, proof, root)) throw new Error('not proven');
  });
}

function documentOf(annex: { rows: number; sha256: string; root: string }) {
  const fold = createLineFold();
  fold.add({
    month: '2025-11',
    entryId: 'a',
    campaignId: CAMPAIGN_ID,
    event: 'lead',
    kind: 'lead',
    occurredAt: '',
    amountMinor: 2500n,
    currency: 'EUR',
  });
  const sums = fold.sums().map((sum) => ({
    ...sum,
    entries: ENTRIES,
    quantity: ENTRIES,
    totalMicros: sum.totalMicros * BigInt(ENTRIES),
    bookedMinor: sum.bookedMinor * BigInt(ENTRIES),
  }));
  const priced = priceLines(sums, { month: '2025-11', currency: 'EUR', rates: [], originals: new Map() });
  const netMinor = netOf(priced);
  return {
    number: 'INV-2025-000001',
    partyId: ADVERTISER_ID,
    month: '2025-11',
    currency: 'EUR',
    lines: priced.map((each) => ({ ...each, vatCategory: 'O' as const, vatRate: '0' })),
    taxes: [{ category: 'O' as const, rate: '0', baseMinor: netMinor, taxMinor: 0n }],
    rates: [],
    netMinor,
    taxMinor: 0n,
    grossMinor: netMinor,
    annex,
  };
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

if (import.meta.main) console.log(await measureVerification());
