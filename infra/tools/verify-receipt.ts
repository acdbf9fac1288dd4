import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet, errors as joseErrors, jwtVerify } from 'jose';
import * as z from 'zod';
import { RECEIPT_ALGORITHM, RECEIPT_TYPE, type ReceiptClaims, receiptClaims } from '../../shared/contracts/receipts.ts';
import { findService } from './api-client.ts';

const USAGE = `Usage: npm run verify-receipt -- FILE [--jwks FILE|URL]

Checks the signed receipt in FILE: the answer to a postback as JSON, or the compact JWS alone. The network's keys come from a file
that was saved from its /.well-known/jwks.json (then nothing leaves this machine), from a URL, or else from the service that npm
start runs.`;

const FETCH_TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_000_000;

const keySetShape = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** The receipt that a file holds: itself, or in the answer that it is. Throws where there is none. */
export function receiptIn(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return trimmed;
  const { receipt } = z.looseObject({ receipt: z.string().optional() }).parse(JSON.parse(trimmed));
  if (receipt === undefined) throw new Error('The answer in the file has no receipt.');
  return receipt;
}

/** Checks a receipt by a key set and returns what it says. Throws where one of its parts is not as it was signed. */
export async function verifyReceipt(receipt: string, keySet: JSONWebKeySet): Promise<ReceiptClaims> {
  const { payload } = await jwtVerify(receipt, createLocalJWKSet(keySet), {
    algorithms: [RECEIPT_ALGORITHM],
    typ: RECEIPT_TYPE,
  });
  return receiptClaims.parse(payload);
}

/** The keys of the network from a file or URL, or else from the service that runs here. */
export async function readKeySet(source: string | undefined): Promise<JSONWebKeySet> {
  const text =
    source === undefined || /^https?:\/\//.test(source)
      ? await fetchText(source ?? `${(await findService()).url}/.well-known/jwks.json`)
      : await readFile(source, 'utf8');
  return keySetShape.parse(JSON.parse(text)) as JSONWebKeySet;
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} was answered ${response.status}`);
  const text = await response.text();
  if (text.length > MAX_BYTES) throw new Error(`${url} holds more than a key set`);
  return text;
}

const MEANING: Readonly<Record<ReceiptClaims['status'], string>> = {
  confirmed: 'the lead is confirmed',
  pending: 'the lead awaits its decision',
  rejected: 'the lead is rejected',
  reversed: 'the lead was confirmed, and reversed since',
  duplicate: 'the same was reported before',
  conflict: 'the transaction was reported before with other content',
  refused: 'the message could not be taken',
  queued: 'the message is kept and will be decided',
  dead_lettered: 'deciding the message failed for good; a person looks into it',
};

/** What a receipt says, in words: a line each. */
export function inWords(claims: ReceiptClaims): string {
  const { status, reason, original } = claims;
  const because = reason === null ? '' : ` (${reason})`;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Signed by', `${claims.iss}, ${new Date(claims.iat * 1000).toISOString()}`],
    ['Receipt', claims.receiptId],
    ['Received', claims.receivedAt],
    ['Verdict', `${status}${because}: ${MEANING[status]}`],
    [
      'First verdict',
      original &&
        `${original.status}${original.reason === null ? '' : ` (${original.reason})`}, receipt ${original.receiptId}`,
    ],
    ['Lead', claims.leadId],
    ['Campaign', claims.campaignId],
    ['Terms from', claims.termsFrom],
    ['Body hash', claims.bodyHash],
  ];
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(13)} ${value}`])).join('\n');
}

/** What is wrong with a signature that was refused, in words. */
export const signatureFault = (error: unknown): string =>
  error instanceof joseErrors.JWKSNoMatchingKey ? 'none of the keys has signed it' : (error as Error).message;

function readArguments(argv: readonly string[]): { file: string; keys: string | undefined } {
  const [file, option, keys, ...rest] = argv;
  const wrong = rest.length > 0 || (option !== undefined && (option !== '--jwks' || keys === undefined));
  if (file === undefined || file.startsWith('-') || wrong) throw new Error(USAGE);
  return { file, keys };
}

async function main(argv: readonly string[]): Promise<void> {
  const { file, keys } = readArguments(argv);
  const receipt = receiptIn(await readFile(file, 'utf8'));
  const keySet = await readKeySet(keys);
  try {
    console.log(`VALID\n${inWords(await verifyReceipt(receipt, keySet))}`);
  } catch (error) {
    console.log(`NOT VALID: ${signatureFault(error)}`);
    process.exitCode = 1;
  }
}

if (import.meta.main) {
  await main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
}
