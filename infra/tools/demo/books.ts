import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import type { JSONWebKeySet } from 'jose';
import yauzl from 'yauzl';
import { type ApiClient, createApiClient, type ServiceAddress } from '../api-client.ts';
import { type Verdict, verdictOnDocument } from '../verify-document.ts';
import { poll } from './history.ts';
import type { DemoNetwork } from './network.ts';

type Body = Readonly<Record<string, unknown>>;
const listOf = (body: Body, name = 'items'): readonly Body[] => body[name] as readonly Body[];

/** Closes a month and waits until that is done. Throws where something stands in the way, with what it is. */
export async function closeMonth(api: ApiClient, month: string): Promise<Body> {
  await api.expect('POST', `/v1/months/${month}/close`);
  return poll(async () => {
    const { blockers, ...state } = await api.expect('GET', `/v1/months/${month}`);
    const hard = (blockers as readonly Body[] | undefined)?.filter(({ blocks }) => blocks);
    if (hard !== undefined && hard.length > 0) throw new Error(`${month} cannot be closed: ${JSON.stringify(hard)}`);
    return state['status'] === 'closed' ? state : undefined;
  });
}

/** Takes leads back that an issued document holds: what that changes is on the documents of the next close. */
export async function reverseLeads(api: ApiClient, advertiserId: string, month: string, count: number): Promise<void> {
  const query = `advertiserId=${advertiserId}&status=confirmed&from=${month}-01&to=${month}-28&limit=${count}`;
  for (const { leadId } of listOf(await api.expect('GET', `/v1/leads?${query}`))) {
    await api.expect('POST', `/v1/leads/${leadId}/reverse`, { reason: 'withdrawn' });
  }
}

/** A document and the forms of it that were saved. */
export interface SavedDocument {
  readonly number: string;
  readonly type: string;
  readonly party: string;
  readonly gross: string;
  readonly forms: readonly string[];
}

const FORMS = ['json', 'ndjson', 'csv', 'xlsx', 'pdf', 'xml', 'ubl'];

/** Saves the documents of a month in all forms that there are of each. */
export async function saveDocuments(address: ServiceAddress, month: string, folder: string): Promise<SavedDocument[]> {
  await mkdir(folder, { recursive: true });
  const api = createApiClient(address);
  const saved: SavedDocument[] = [];
  for (const kind of ['invoices', 'statements']) {
    for (const item of listOf(await api.expect('GET', `/v1/${kind}?month=${month}&limit=100`))) {
      const { number, typeCode, type, advertiserName, affiliateName, gross, currency } = item;
      const forms: string[] = [];
      for (const form of FORMS) {
        if (await download(address, `/v1/${kind}/${number}.${form}`, join(folder, `${number}.${form}`)))
          forms.push(form);
      }
      saved.push({
        number: String(number),
        type: typeCode === undefined ? String(type) : `${type} ${typeCode}`,
        party: String(advertiserName ?? affiliateName),
        gross: `${gross} ${currency}`,
        forms,
      });
    }
  }
  return saved;
}

const HTTP_ACCEPTED = 202;
const HTTP_NOT_FOUND = 404;

/** Saves what an answer holds or links to, once it is written; returns whether there is such a thing. */
export async function download({ url, key }: ServiceAddress, route: string, path: string): Promise<boolean> {
  const answer = await poll(async () => {
    const response = await fetch(url + route, { headers: { authorization: `Bearer ${key}` } });
    return response.status === HTTP_ACCEPTED ? undefined : response;
  });
  if (answer.status === HTTP_NOT_FOUND) return false;
  if (!answer.ok) throw new Error(`${route} was answered ${answer.status}: ${await answer.text()}`);
  await writeFile(path, Buffer.from(await answer.arrayBuffer()));
  return true;
}

/** The rows of a CSV file in a ZIP, each as its cells. Throws where there is none. */
export async function csvInZip(path: string, name: string): Promise<string[][]> {
  const archive = await yauzl.openPromise(path);
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName === name) return parse(await text(await archive.openReadStreamPromise(entry)), { bom: true });
  }
  throw new Error(`${path} holds no ${name}`);
}

/** Pays what is payable: one proposes, another approves and sends. Returns the run, and saves the file for the bank under a path. */
export async function payAffiliates(api: ApiClient, network: DemoNetwork, path: string): Promise<Body> {
  const finance: ServiceAddress = { url: api.url, key: network.financeKey };
  const second = createApiClient(finance);
  for (const affiliateId of network.affiliateIds) {
    const route = `/v1/affiliates/${affiliateId}/payout-method`;
    for (const { currency, version, proposed } of listOf(await second.expect('GET', route), 'methods')) {
      if (proposed !== undefined) await second.expect('POST', `${route}/approve`, { currency, version });
    }
  }
  const { runId } = await api.expect('POST', '/v1/payout-runs', {});
  await second.expect('POST', `/v1/payout-runs/${runId}/approve`);
  await second.expect('POST', `/v1/payout-runs/${runId}/send`);
  await download(finance, `/v1/payout-runs/${runId}/file`, path);
  return second.expect('GET', `/v1/payout-runs/${runId}`);
}

/** Verifies a saved document by its entries and saved keys, and once more with another cent in one of the entries. */
export async function verifySaved(path: string, keys: string): Promise<{ genuine: Verdict; altered: Verdict }> {
  const keySet: JSONWebKeySet = JSON.parse(await readFile(keys, 'utf8'));
  const document = await readFile(`${path}.json`, 'utf8');
  const entries = await readFile(`${path}.ndjson`, 'utf8');
  const altered = entries.replace(/(?<="amount":"\d+\.\d)\d/, (digit) => String((BigInt(digit) + 1n) % 10n));
  return {
    genuine: await verdictOnDocument(document, linesOf(entries), keySet),
    altered: await verdictOnDocument(document, linesOf(altered), keySet),
  };
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n').slice(0, -1);
}
