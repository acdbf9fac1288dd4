/**
 * The path from click to journal, on real engines: a network with its catalog (`useCorePath`), and instances of the functions on it
 * (`instance`), each with caches of its own, a clock that the test sets, a queue it can read, and a hook into every call to the store.
 */
import { GetCommand, type PutCommandInput, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSEvent } from 'aws-lambda';
import { ulid } from 'ulid';
import { createDecidePostbacks } from '../../functions/decide-postbacks/decide-postbacks.ts';
import { createIngestClick } from '../../functions/ingest-click/ingest-click.ts';
import { createIngestPostback } from '../../functions/ingest-postback/ingest-postback.ts';
import { createListLeads } from '../../functions/manage-leads/list-leads.ts';
import { createManageLead } from '../../functions/manage-leads/manage-lead.ts';
import { createReadReceipt } from '../../functions/read-receipts/read-receipt.ts';
import { createShowKeys } from '../../functions/read-receipts/show-keys.ts';
import { createConversionStores } from '../../shared/adapters/conversion-stores.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createConfirmedLeads } from '../../shared/adapters/dynamodb/confirmed-leads.ts';
import { createCounterReader, createGlancingCounterReader } from '../../shared/adapters/dynamodb/counters.ts';
import { createJournalReader, createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { isKeyHolder, leadFromItem } from '../../shared/adapters/dynamodb/lead-item.ts';
import { createContactStore, createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createRollupReader } from '../../shared/adapters/dynamodb/rollups.ts';
import { createTouchWriter } from '../../shared/adapters/dynamodb/touches.ts';
import { createCipher } from '../../shared/adapters/kms/cipher.ts';
import { createReceiptKeys } from '../../shared/adapters/ssm/receipt-keys.ts';
import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import type { AffiliateTerms, Campaign, Terms } from '../../shared/domain/catalog/campaign.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { JOURNAL_SHARDS, type JournalEntry } from '../../shared/domain/ledger/entry.ts';
import { type Instant, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { Advertiser, Affiliate, ApiKey } from '../../shared/ports/catalog.ts';
import { makeApiKey } from '../../shared/runtime/api-key.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { createHttpHandler, type HttpEvent, type HttpResult } from '../../shared/runtime/http.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { createEraseContact } from '../../shared/use-cases/erase-contact.ts';
import { createPostEntries } from '../../shared/use-cases/post-entries.ts';
import { createRecordConversion } from '../../shared/use-cases/record-conversion.ts';
import { createSignReceipt, type SignReceipt } from '../../shared/use-cases/sign-receipt.ts';
import { createTakeReturn } from '../../shared/use-cases/take-return.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { campaign as aCampaign, NOW, terms } from './builders.ts';
import type { TestEngines } from './engines.ts';
import { type Intercept, interceptedClient } from './store-faults.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed where it is JSON, else the text. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

export interface RequestParts {
  /** Parameters of the query, or the whole query string as it is sent. */
  readonly query?: Readonly<Record<string, string>> | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `Authorization: Bearer`. */
  readonly key?: string | undefined;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>> | string;
  /** A body as it is, with the content type that `headers` say. */
  readonly body?: string | Uint8Array;
  readonly pathParameters?: Readonly<Record<string, string>>;
}

const encoded = (parameters: Readonly<Record<string, string>> | string): string =>
  typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString();

/** A request as API Gateway hands it on: header names in lower case, forms and bytes in base64. */
export function request(method: string, route: string, parts: RequestParts = {}): HttpEvent {
  const { json, form, body } = parts;
  const contentType =
    json !== undefined
      ? 'application/json'
      : form !== undefined
        ? 'application/x-www-form-urlencoded; charset=utf-8'
        : undefined;
  const bytes =
    json !== undefined
      ? Buffer.from(JSON.stringify(json))
      : form !== undefined
        ? Buffer.from(encoded(form))
        : body === undefined
          ? undefined
          : Buffer.from(body as Uint8Array);
  const isText = json !== undefined;
  return {
    routeKey: `${method} ${route}`,
    rawPath: route,
    rawQueryString: encoded(parts.query ?? ''),
    headers: {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(parts.key !== undefined && { authorization: `Bearer ${parts.key}` }),
      ...parts.headers,
    },
    ...(parts.pathParameters !== undefined && { pathParameters: parts.pathParameters }),
    ...(bytes !== undefined && { body: bytes.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: bytes !== undefined && !isText,
    requestContext: { requestId: 'request-1', http: { method } } as HttpEvent['requestContext'],
  };
}

async function answerOf(result: Promise<HttpResult>): Promise<Answer> {
  const { statusCode, headers = {}, body } = await result;
  const isJson = /json/.test(String(headers['content-type'] ?? ''));
  return { status: statusCode ?? 200, headers, body: isJson ? JSON.parse(body ?? '') : body };
}

/** A queue that keeps what it was sent, as text, as a real one does. */
export function memoryQueue(fail: () => boolean = () => false) {
  const bodies: string[] = [];
  return {
    bodies,
    async send(message: unknown) {
      if (fail()) throw new Error('the queue is down');
      bodies.push(JSON.stringify(message));
    },
  };
}

/** The batch in which a worker gets messages. */
export const sqsEvent = (bodies: readonly string[], receiveCount = 1): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `message-${index}`,
    receiptHandle: `handle-${index}`,
    body,
    attributes: {
      ApproximateReceiveCount: receiveCount.toString(),
      SentTimestamp: '0',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:postbacks',
    awsRegion: 'eu-central-1',
  })),
});

const CONTEXT = {} as Context;
/** In whose name receipts are signed. */
export const NETWORK = 'leads.example';
/** On which try a message fails for good. */
export const MAX_RECEIVE_COUNT = 5;

export interface InstanceOptions {
  readonly intercept?: Intercept;
  readonly queue?: { send(message: unknown): Promise<void> };
  /** By default long: the machine that runs the tests may be busy. */
  readonly decisionBudgetMs?: number;
  /** By default with the keys of the parameter store. */
  readonly signReceipt?: SignReceipt;
}

export type CampaignChanges = Partial<Omit<Campaign, 'terms'>> & { readonly terms?: readonly Partial<Terms>[] };

/** A network on empty tables. `clock.now` is what its functions take for the time. */
export function useCorePath(engines: TestEngines, timeZone = engines.env.NETWORK_TIME_ZONE) {
  const { documents, env } = engines;
  const clock = { now: NOW as Instant };
  const catalog = createCatalogStore({ client: documents, tableName: env.CATALOG_TABLE_NAME });
  const recorded = { createdAt: NOW, updatedAt: NOW };

  async function key(changes: Partial<ApiKey> = {}): Promise<{ key: string; kid: string }> {
    const made = makeApiKey();
    await catalog.apiKeys.put({
      kid: made.kid,
      secretHash: made.secretHash,
      role: 'operator',
      scopes: ['postback', 'api'],
      createdAt: NOW,
      ...changes,
    });
    return made;
  }

  async function advertiser(changes: Partial<Advertiser> = {}) {
    const made: Advertiser = { advertiserId: makeId('adv'), name: 'Shop Ltd', currency: 'EUR', ...changes };
    await catalog.advertisers.create({ ...made, ...recorded });
    const { advertiserId } = made;
    const own = await key({ role: 'advertiser', advertiserId });
    const pixel = await key({ role: 'advertiser', advertiserId, scopes: ['pixel'] });
    return { ...made, key: own.key, kid: own.kid, pixelKey: pixel.key };
  }

  async function affiliate(changes: Partial<Affiliate> = {}) {
    const made: Affiliate = { affiliateId: makeId('aff'), name: 'Publisher', ...changes };
    await catalog.affiliates.create({ ...made, ...recorded });
    const own = await key({ role: 'affiliate', affiliateId: made.affiliateId });
    return { ...made, key: own.key, kid: own.kid };
  }

  async function campaign(advertiserId: string, changes: CampaignChanges = {}): Promise<Campaign> {
    const { terms: versions = [{}], ...rest } = changes;
    const made = aCampaign({
      campaignId: makeId('cmp'),
      advertiserId,
      ...rest,
      terms: versions.map(terms),
    });
    await catalog.campaigns.create({ ...made, ...recorded });
    return made;
  }

  const affiliateTerms = (campaignId: string, affiliateId: string, changes: Partial<AffiliateTerms> = {}) =>
    catalog.campaigns.addAffiliateTerms(campaignId, affiliateId, {
      effectiveFrom: '2025-01-01T00:00:00.000Z',
      status: 'approved',
      promoCodes: [],
      ...changes,
    });

  /** The functions of the path, as one instance of each would run: with cold caches. */
  function instance(options: InstanceOptions = {}) {
    const { intercept, queue = memoryQueue(), decisionBudgetMs = 15_000 } = options;
    const client = interceptedClient(documents, intercept);
    const stores = createConversionStores({ ...env, NETWORK_TIME_ZONE: timeZone }, client);
    const recordConversion = createRecordConversion(stores);
    const failures: unknown[] = [];
    const lostTouches: unknown[] = [];
    const unknownCaps: unknown[] = [];
    const counters = createCounterReader({ client, tableName: env.COUNTERS_TABLE_NAME });
    const now = () => clock.now;

    const ingestClick = createIngestClick({
      catalog: stores.catalog,
      touches: createTouchWriter({ client, tableName: env.TOUCHES_TABLE_NAME }),
      secrets: stores.clickSecrets,
      clock: now,
      makeUlid: ulid,
      counters: createGlancingCounterReader(counters),
      onTouchLost: (error) => lostTouches.push(error),
      onCapsUnknown: (error) => unknownCaps.push(error),
    });
    const keys = createReceiptKeys({ prefix: env.SECRETS_PREFIX });
    const signReceipt = options.signReceipt ?? createSignReceipt({ keys, network: NETWORK });
    const unsigned: unknown[] = [];
    const ingestPostback = createIngestPostback({
      forwardMessage: async () => undefined,
      catalog: stores.catalog,
      recordConversion,
      receipts: stores.receipts,
      signReceipt,
      onUnsigned: (error) => unsigned.push(error),
      queue,
      clock: now,
      makeId,
      decisionBudgetMs,
      onQueued: () => undefined,
    });
    const decidePostbacks = createDecidePostbacks({
      recordConversion,
      receipts: stores.receipts,
      maxReceiveCount: MAX_RECEIVE_COUNT,
      processImportChunk: async () => undefined,
      onFailure: (_messageId, error) => failures.push(error),
    });
    const leads = createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME });
    const confirmedLeads = createConfirmedLeads({
      client,
      leadsTableName: env.LEADS_TABLE_NAME,
      rollups: createRollupReader({ client, tableName: env.ROLLUPS_TABLE_NAME }),
      clock: now,
      freshMs: 0,
    });
    const posting = createJournalWriter({ client, tableName: env.JOURNAL_TABLE_NAME, digest: digest128, clock: now });
    const transitionLead = createTransitionLead({
      ...stores,
      takeReturn: createTakeReturn({ counters, confirmedLeads, timeZone }),
      postEntries: createPostEntries({ journal: posting, timeZone }),
    });
    const contacts = createContactStore({
      client,
      contactsTableName: env.CONTACTS_TABLE_NAME,
      cipher: createCipher({ prefix: env.SECRETS_PREFIX }),
    });
    const managed = {
      catalog: stores.catalog,
      allAdvertisers: createAllAdvertisers(
        createCatalogStore({ client, tableName: env.CATALOG_TABLE_NAME }).advertisers,
      ),
      leads,
      contacts,
      eraseContact: createEraseContact({ contacts, leads: stores.leads }),
      transitionLead,
      clock: now,
      timeZone,
    };
    const lead = createManageLead(managed);
    const handler = createHttpHandler({
      'GET /c/{campaignId}': ingestClick,
      'HEAD /c/{campaignId}': ingestClick,
      'GET /postback': ingestPostback,
      'POST /postback': ingestPostback,
      'GET /v1/leads': createListLeads(managed),
      'GET /v1/leads/{leadId}': lead.get,
      'GET /v1/leads/{leadId}/explanation': lead.explain,
      'GET /v1/leads/{leadId}/contact': lead.getContact,
      'DELETE /v1/leads/{leadId}/contact': lead.eraseContact,
      'POST /v1/leads/{leadId}/confirm': lead.confirm,
      'POST /v1/leads/{leadId}/reject': lead.reject,
      'POST /v1/leads/{leadId}/reverse': lead.reverse,
      'GET /.well-known/jwks.json': createShowKeys(keys),
      'GET /v1/receipts/{receiptId}': createReadReceipt({ ...managed, receipts: stores.receipts, signReceipt }),
    });
    /** Gives the worker a batch for the n-th time; returns the ids of the messages that come again. */
    const work = async (bodies: readonly string[], receiveCount = 1): Promise<string[]> =>
      (await decidePostbacks(sqsEvent(bodies, receiveCount), CONTEXT)).batchItemFailures.map(
        ({ itemIdentifier }) => itemIdentifier,
      );
    const send = (event: HttpEvent): Promise<Answer> => answerOf(handler(event, CONTEXT));
    return {
      stores,
      leads,
      transitionLead,
      recordConversion,
      /** Why messages of the worker failed. */
      failures,
      lostTouches,
      /** Why it was not known whether caps were reached. */
      unknownCaps,
      /** Why answers went without their signed receipt. */
      unsigned,
      send,
      /** Asks for a receipt. */
      receipt: (apiKey: string | undefined, receiptId: string, query: Readonly<Record<string, string>> = {}) =>
        send(
          request('GET', '/v1/receipts/{receiptId}', {
            ...(apiKey !== undefined && { key: apiKey }),
            query,
            pathParameters: { receiptId },
          }),
        ),
      /** Follows a click link. */
      click: (campaignId: string, query: Readonly<Record<string, string>> | string, parts: RequestParts = {}) =>
        send(request('GET', '/c/{campaignId}', { query, pathParameters: { campaignId }, ...parts })),
      /** Fires a postback by GET, its key in the query. */
      postback: (apiKey: string, query: Readonly<Record<string, string>>) =>
        send(request('GET', '/postback', { query: { key: apiKey, ...query } })),
      /** Calls a route of one lead, or of all. */
      manage: (method: string, path: string, apiKey: string | undefined, parts: RequestParts = {}) => {
        const [, , , leadId, ...rest] = path.split('/');
        return leadId === undefined
          ? send(request(method, '/v1/leads', { key: apiKey, ...parts }))
          : send(
              request(method, ['/v1/leads/{leadId}', ...rest].join('/'), {
                key: apiKey,
                pathParameters: { leadId },
                ...parts,
              }),
            );
      },
      work,
      /** Gives the worker messages until none comes again. */
      async drain(bodies: readonly string[]): Promise<void> {
        for (let rest = bodies; rest.length > 0; ) {
          const failed = await work(rest);
          rest = rest.filter((_body, index) => failed.includes(`message-${index}`));
        }
      },
    };
  }

  const journal = {
    reader: createJournalReader({ client: documents, tableName: env.JOURNAL_TABLE_NAME }),
    writer: createJournalWriter({
      client: documents,
      tableName: env.JOURNAL_TABLE_NAME,
      digest: digest128,
      clock: () => clock.now,
    }),
  };

  return {
    env,
    clock,
    catalog,
    timeZone,
    key,
    advertiser,
    affiliate,
    campaign,
    affiliateTerms,
    instance,
    journal,
    postEntries: createPostEntries({ journal: journal.writer, timeZone }),
    /** All leads of the table, without those who hold a key. */
    leads: async (): Promise<Lead[]> =>
      (await scan(engines, env.LEADS_TABLE_NAME)).filter((item) => !isKeyHolder(item)).map(leadFromItem),
    items: (tableName: string) => scan(engines, tableName),
    item: async (tableName: string, at: NonNullable<PutCommandInput['Item']>) =>
      (await documents.send(new GetCommand({ TableName: tableName, Key: at, ConsistentRead: true }))).Item,
    /** All journal entries of a party's month. */
    entries: async (party: string, month: string): Promise<JournalEntry[]> => {
      const found: JournalEntry[] = [];
      for (let shard = 0; shard < JOURNAL_SHARDS; shard += 1) {
        for await (const page of journal.reader.shard(party, month, shard)) found.push(...page);
      }
      return found;
    },
  };
}

async function scan(engines: TestEngines, TableName: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await engines.documents.send(new ScanCommand({ TableName, ExclusiveStartKey, ConsistentRead: true }));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

/** The click id that a redirect carries to the landing page. */
export const clickIdIn = (answer: Answer): string =>
  new URL(String(answer.headers['location'])).searchParams.get('c') ?? '';

/** What a queue holds, read as messages. */
export const messagesIn = (queue: { readonly bodies: readonly string[] }): ConversionMessage[] =>
  queue.bodies.map((body) => JSON.parse(body) as ConversionMessage);

/** The instant of a click, as ULIDs seed their time. */
export const ulidAt = (at: Instant): string => ulid(millisecondsOf(at));
