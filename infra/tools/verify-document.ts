import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import * as z from 'zod';
import { documentFile } from '../../shared/contracts/document-file.ts';
import { RECEIPT_ALGORITHM } from '../../shared/contracts/receipts.ts';
import {
  DOCUMENT_TYPE,
  type DocumentClaims,
  documentClaims,
  documentProof,
} from '../../shared/contracts/verification.ts';
import { sha256Hex } from '../../shared/runtime/crypto.ts';
import { claimsFault, ownLines, proofFault, verifyDocument } from '../../shared/use-cases/verify-document.ts';
import { readKeySet, signatureFault } from './verify-receipt.ts';

const USAGE = `Usage: npm run verify -- --document FILE.json [--entries FILE.ndjson] [--jwks FILE|URL]
       npm run verify -- --proof FILE.json [--jwks FILE|URL]

Computes a document again from the entries of its annex: lines, tax, totals, digest, root and signature; or checks the proof that a
lead is on a document. The files are what GET /v1/invoices/{number}.json, .ndjson and /proof answered, or the same of statements; the
entries may be left out where the document brings them along. The network's keys come from a file that was saved from its
/.well-known/jwks.json (then nothing leaves this machine), from a URL, or else from the service that npm start runs.`;

/** What was found: in words what is verified, or the first thing that differs. */
export type Verdict =
  | { readonly valid: true; readonly words: string }
  | { readonly valid: false; readonly fault: string };

const notValid = (fault: string): Verdict => ({ valid: false, fault });

/** Verifies a document by the lines of its annex and a key set. Throws where the document is none. */
export async function verdictOnDocument(
  text: string,
  entries: AsyncIterable<string> | undefined,
  keySet: JSONWebKeySet,
): Promise<Verdict> {
  const document = readAs(documentFile, text, 'document');
  const lines = entries ?? (document.annexRows && ownLines(document.annexRows));
  if (lines === undefined) throw new Error('The document does not bring its entries along: name them with --entries.');
  const fault = await verifyDocument(document, lines, sha256Hex);
  if (fault !== undefined) return notValid(fault);
  const signed = await readSignature(document.annex.signature, keySet);
  if (typeof signed === 'string') return notValid(signed);
  const other = claimsFault(document, signed);
  return other === undefined ? { valid: true, words: inWords(signed) } : notValid(other);
}

/** Verifies the proof that a lead is on a document. Throws where it is none. */
export async function verdictOnProof(text: string, keySet: JSONWebKeySet): Promise<Verdict> {
  const proof = readAs(documentProof, text, 'proof');
  const signed = await readSignature(proof.signature ?? '', keySet);
  if (typeof signed === 'string') return notValid(signed);
  const fault = proofFault(proof, signed, sha256Hex);
  if (fault !== undefined) return notValid(fault);
  return { valid: true, words: [inWords(signed), ...proof.entries.map(({ line }) => line)].join('\n') };
}

function readAs<Schema extends z.ZodType>(schema: Schema, text: string, what: string): z.output<Schema> {
  const read = schema.safeParse(JSON.parse(text));
  if (!read.success) throw new Error(`The file holds no ${what} that can be verified:\n${z.prettifyError(read.error)}`);
  return read.data;
}

/** What the network has signed, or why it has not, in words. */
async function readSignature(signature: string, keySet: JSONWebKeySet): Promise<DocumentClaims | string> {
  try {
    const { payload } = await jwtVerify(signature, createLocalJWKSet(keySet), {
      algorithms: [RECEIPT_ALGORITHM],
      typ: DOCUMENT_TYPE,
    });
    return documentClaims.parse(payload);
  } catch (error) {
    return `the signature: ${signatureFault(error)}`;
  }
}

function inWords({ iss, iat, number, party, month, currency, net, tax, gross, rows, root }: DocumentClaims): string {
  const facts = {
    'Signed by': `${iss}, ${new Date(iat * 1000).toISOString()}`,
    Document: `${number} of ${month}`,
    Party: party,
  };
  const money = { Net: `${net} ${currency}`, Tax: `${tax} ${currency}`, Gross: `${gross} ${currency}` };
  return Object.entries({ ...facts, ...money, Entries: rows.toString(), Root: root })
    .map(([name, value]) => `${name.padEnd(10)} ${value}`)
    .join('\n');
}

const OPTIONS = {
  document: { type: 'string' },
  entries: { type: 'string' },
  proof: { type: 'string' },
  jwks: { type: 'string' },
} as const;

async function main(argv: string[]): Promise<void> {
  const { document, entries, proof, jwks } = readArguments(argv);
  const keySet = await readKeySet(jwks);
  const verdict =
    document === undefined
      ? await verdictOnProof(await readFile(proof ?? '', 'utf8'), keySet)
      : await verdictOnDocument(
          await readFile(document, 'utf8'),
          entries === undefined ? undefined : linesOf(entries),
          keySet,
        );
  console.log(verdict.valid ? `VALID\n${verdict.words}` : `NOT VALID: ${verdict.fault}`);
  if (!verdict.valid) process.exitCode = 1;
}

function readArguments(argv: string[]) {
  try {
    const { values } = parseArgs({ args: argv, options: OPTIONS });
    const isClear = (values.document === undefined) !== (values.proof === undefined);
    if (isClear && (values.entries === undefined || values.document !== undefined)) return values;
  } catch {
    // Told below.
  }
  throw new Error(USAGE);
}

/** The lines of a file, one by one. */
const linesOf = (file: string): AsyncIterable<string> =>
  createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });

if (import.meta.main) {
  await main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  });
}
