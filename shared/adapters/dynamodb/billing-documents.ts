import * as z from 'zod';
import type {
  AccountLink,
  DocumentDraft,
  DocumentIdentity,
  DocumentKind,
  IssuedDocument,
} from '../../domain/billing/document.ts';
import { numberIn, seriesOf } from '../../domain/billing/number.ts';
import { dayOf, type Instant, type Month } from '../../domain/time/calendar.ts';
import {
  type DocumentIssuer,
  type DocumentReader,
  type IssueClaims,
  type Manifest,
  ManifestConflict,
  type PartyKind,
  type TakenBackLines,
} from '../../ports/billing.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import { systemPace } from '../../runtime/pace.ts';
import { partyKey } from './billing-runs.ts';
import {
  type BillingTable,
  type BillingTableDependencies,
  createBillingTable,
  minorUnits,
  partitionCondition,
} from './billing-table.ts';
import { backOff, CONDITION_FAILED, type TransactItems } from './transactions.ts';

/** How often a number is asked for that others keep taking. */
const MAX_ISSUE_ATTEMPTS = 60;
const SEQUENCE_DIGITS = 6;

const kind = z.enum(['invoice', 'statement']);
const identityItem = z.object({ kind, month: z.string(), partyId: z.string(), currency: z.string() });
const accountItem = z.object({
  sequence: z.number(),
  openingMinor: minorUnits,
  documentMinor: minorUnits,
  closingMinor: minorUnits,
  paidTotalMinor: minorUnits,
});
const takenBackItem = z.object({ version: z.number(), lines: z.record(z.string(), minorUnits) });
/** A document but for what it gets as it is issued. */
export const draftItem = identityItem.extend({
  partyName: z.string(),
  netMinor: minorUnits,
  taxMinor: minorUnits,
  lineCount: z.number(),
  annex: z.object({ rows: z.number(), sha256: z.string(), root: z.string().optional() }),
  bodyDigest: z.string(),
  entityCode: z.string().optional(),
  typeCode: z.enum(['380', '381', '389', '261']).optional(),
  sources: z.array(z.string()).optional(),
  withholdingMinor: minorUnits.optional(),
  paymentTermDays: z.number().optional(),
  account: accountItem.optional(),
});
/** A document as it was issued. */
export const documentItem = draftItem.extend({ number: z.string(), issuedAt: z.string() });
const manifestItem = z.object({
  month: z.string(),
  currency: z.string(),
  sequence: z.number(),
  bodyDigest: z.string(),
  closedIn: z.string().optional(),
});
const seriesItem = z.object({ last: z.number(), issuedAt: z.string() });

const PARTY_KINDS = { invoice: 'advertiser', statement: 'affiliate' } as const satisfies Record<
  DocumentKind,
  PartyKind
>;

const SERIES = 'SERIES';
const NUMBER = 'NUMBER';
const TAKEN_BACK = 'TAKEN_BACK';
const accountKey = ({ partyId, currency }: Pick<DocumentIdentity, 'partyId' | 'currency'>) => ({
  pk: `ACCOUNT#${partyId}`,
  sk: currency,
});
const seriesPk = (series: string): string => `SERIES#${series}`;
const numberPk = (number: string): string => `NUMBER#${number}`;
const documentsPk = (of: DocumentKind, month: Month): string => `DOCUMENTS#${of}#${month}`;
const documentSk = ({ partyId, currency }: Pick<DocumentIdentity, 'partyId' | 'currency'>): string =>
  `${partyId}#${currency}`;
/** What the documents of one party, of all months, are under. */
export const PARTY_DOCUMENTS = 'PARTY#';
export const partyDocumentsPk = (partyId: string): string => PARTY_DOCUMENTS + partyId;
const manifestsPk = (partyId: string, month: Month): string => `MANIFEST#${partyId}#${month}`;
const manifestSk = ({ currency, sequence }: Manifest): string =>
  `${currency}#${sequence.toString().padStart(SEQUENCE_DIGITS, '0')}`;

/**
 * Documents in the billing table. A document, its number, the counter of its series and its manifests are written in one transaction,
 * each on condition that it is new (the counter: that it is what was read), and that the close is not through with the party. So numbers
 * have no gap, a document is issued once, and no two documents can take the same entries, take back the same cents or carry on an
 * account from the same statement: whoever read less than what stands is refused.
 */
export function createDocumentIssuer({
  timeZone,
  pace = systemPace,
  ...dependencies
}: BillingTableDependencies & { readonly timeZone: string }): DocumentIssuer {
  const table = createBillingTable({ ...dependencies, pace });
  return {
    async manifests(partyId, month) {
      const manifests: Manifest[] = [];
      for await (const item of table.query(manifestsPk(partyId, month))) manifests.push(manifestItem.parse(item));
      return manifests;
    },
    async takenBack(number) {
      const item = await table.get(numberPk(number), TAKEN_BACK);
      if (item === undefined) return { number, version: 0, lines: new Map() };
      const { version, lines } = takenBackItem.parse(item);
      const byLine = Object.entries(lines).map(([line, micros]) => [Number.parseInt(line, 10), micros] as const);
      return { number, version, lines: new Map(byLine) };
    },
    async account(partyId, currency) {
      const { pk, sk } = accountKey({ partyId, currency });
      const item = await table.get(pk, sk);
      return item && accountItem.parse(item);
    },
    async issue(draft, claims, now) {
      const series = seriesOf(draft, dayOf(now, timeZone).slice(0, 4));
      for (let attempt = 1; attempt <= MAX_ISSUE_ATTEMPTS; attempt += 1) {
        const document = await tryIssue(table, series, draft, claims, now);
        if (document !== undefined) return { issued: true, document };
        const before = await findDocument(table, draft);
        if (before !== undefined) return { issued: false, document: before };
        await backOff(attempt, pace);
      }
      throw new StoreUnavailable(`no number of ${series} was to be had in ${MAX_ISSUE_ATTEMPTS} attempts`);
    },
    async issuedTo(of, month, partyId) {
      const documents: IssuedDocument[] = [];
      for await (const item of table.query(documentsPk(of, month), `${partyId}#`))
        documents.push(documentItem.parse(item));
      return documents;
    },
  };
}

/** Issues the next number of a series, or returns undefined where another document came first: this one's number, or itself. */
async function tryIssue(
  table: BillingTable,
  series: string,
  draft: DocumentDraft,
  claims: IssueClaims,
  now: Instant,
): Promise<IssuedDocument | undefined> {
  const item = await table.get(seriesPk(series), SERIES);
  const { last, issuedAt: lastIssuedAt } = item ? seriesItem.parse(item) : { last: 0, issuedAt: now };
  const document: IssuedDocument = {
    ...draft,
    number: numberIn(series, last + 1),
    // Dates never fall within a series, whatever the clocks of two instances say.
    issuedAt: now > lastIssuedAt ? now : lastIssuedAt,
  };
  const codes = await table.transact(issueItems(table.tableName, series, document, last, claims));
  if (codes === undefined) return document;
  const [counter, , documentCode, partyCode, ...claimCodes] = codes;
  if (documentCode === CONDITION_FAILED) return undefined;
  if (partyCode === CONDITION_FAILED) {
    throw new ManifestConflict(`the close of ${draft.month} is through with ${draft.partyId}`);
  }
  if (claimCodes.includes(CONDITION_FAILED)) {
    throw new ManifestConflict(`other entries of ${draft.partyId} were billed meanwhile`);
  }
  if (counter === CONDITION_FAILED) return undefined;
  throw new Error(`${document.number} is taken, and its series does not say so`);
}

function issueItems(
  TableName: string,
  series: string,
  document: IssuedDocument,
  last: number,
  { manifests, takenBack }: IssueClaims,
): TransactItems {
  const { kind, month, partyId, currency, number, account } = document;
  const put = (Item: Record<string, unknown>) => ({
    Put: { TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' },
  });
  return [
    {
      Update: {
        TableName,
        Key: { pk: seriesPk(series), sk: SERIES },
        UpdateExpression: 'SET #last = :next, issuedAt = :issuedAt',
        ConditionExpression: last === 0 ? 'attribute_not_exists(pk)' : '#last = :last',
        ExpressionAttributeNames: { '#last': 'last' },
        ExpressionAttributeValues: {
          ':next': last + 1,
          ':issuedAt': document.issuedAt,
          ...(last > 0 && { ':last': last }),
        },
      },
    },
    put({ pk: numberPk(number), sk: NUMBER, kind, month, partyId, currency }),
    put({ pk: documentsPk(kind, month), sk: documentSk(document), ...document }),
    // Whoever is through with the party has passed on what it was issued: what comes later would be on no statement.
    {
      Update: {
        TableName,
        Key: partyKey(month, PARTY_KINDS[kind], partyId),
        UpdateExpression: 'ADD issued :one',
        ConditionExpression: 'attribute_not_exists(doneAt)',
        ExpressionAttributeValues: { ':one': 1 },
      },
    },
    ...manifests.map((manifest) =>
      put({ pk: manifestsPk(partyId, manifest.month), sk: manifestSk(manifest), ...manifest, number }),
    ),
    ...takenBack.map((taken) => takeBackItem(TableName, taken)),
    ...(account === undefined ? [] : [accountLink(TableName, document, account)]),
    // No condition: the number is new, or nothing of this is written.
    { Put: { TableName, Item: { pk: partyDocumentsPk(partyId), sk: number, ...document } } },
  ];
}

/** Condition and key of an item that may only follow the one that was read. */
const following = (TableName: string, attribute: string, before: number) => ({
  TableName,
  ConditionExpression: before === 0 ? 'attribute_not_exists(pk)' : '#attribute = :before',
  ...(before > 0 && {
    ExpressionAttributeNames: { '#attribute': attribute },
    ExpressionAttributeValues: { ':before': before },
  }),
});

const takeBackItem = (TableName: string, { number, version, lines }: TakenBackLines) => ({
  Put: {
    ...following(TableName, 'version', version),
    Item: { pk: numberPk(number), sk: TAKEN_BACK, version: version + 1, lines: Object.fromEntries(lines) },
  },
});

const accountLink = (TableName: string, document: IssuedDocument, account: AccountLink) => ({
  Put: {
    ...following(TableName, 'sequence', account.sequence - 1),
    Item: { ...accountKey(document), ...account, number: document.number },
  },
});

async function findDocument(table: BillingTable, identity: DocumentIdentity): Promise<IssuedDocument | undefined> {
  const item = await table.get(documentsPk(identity.kind, identity.month), documentSk(identity));
  return item && documentItem.parse(item);
}

/** Finds issued documents in the billing table. */
export function createDocumentReader(dependencies: BillingTableDependencies): DocumentReader {
  const table = createBillingTable(dependencies);
  return {
    async byNumber(number) {
      const item = await table.get(numberPk(number), NUMBER);
      return item && findDocument(table, identityItem.parse(item));
    },
    async list({ kind: of, month, partyId }, limit, after) {
      const pk = documentsPk(of, month);
      const { items, lastSk } = await table.queryPage({
        ...partitionCondition(pk, partyId === undefined ? undefined : `${partyId}#`),
        Limit: limit,
        ExclusiveStartKey: after === undefined ? undefined : { pk, sk: after },
      });
      return { documents: items.map((item) => documentItem.parse(item)), position: lastSk };
    },
  };
}
