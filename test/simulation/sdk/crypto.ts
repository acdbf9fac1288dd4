import * as real from 'node:crypto';

/**
 * Stands in for `node:crypto` in long simulations: all runs ask for digests of the same few thousand texts. They are as they should be, and
 * taken once.
 */
export * from 'node:crypto';

const MAX_KNOWN = 20_000;

/** Takes one text, as all of the product's code does. What is not text is hashed anew. */
class Digest {
  private readonly known: Map<string, Buffer>;
  private readonly make: () => real.Hash | real.Hmac;
  private data: string | Uint8Array = '';

  constructor(known: Map<string, Buffer>, make: () => real.Hash | real.Hmac) {
    this.known = known;
    this.make = make;
  }

  update(data: string | Uint8Array): this {
    this.data = data;
    return this;
  }

  digest(encoding?: BufferEncoding): Buffer | string {
    const bytes = this.bytes();
    return encoding === undefined ? Buffer.from(bytes) : bytes.toString(encoding);
  }

  private bytes(): Buffer {
    const { data, known } = this;
    if (typeof data !== 'string') return this.make().update(data).digest();
    let bytes = known.get(data);
    if (bytes === undefined) {
      bytes = this.make().update(data).digest();
      if (known.size === MAX_KNOWN) known.clear();
      known.set(data, bytes);
    }
    return bytes;
  }
}

const hashes = new Map<string, Map<string, Buffer>>();
const hmacs = new WeakMap<real.KeyObject, Map<string, Buffer>>();
const keys = new Map<string, real.KeyObject>();

function knownOf<Key>(
  of: { get(key: Key): Map<string, Buffer> | undefined; set(key: Key, known: Map<string, Buffer>): unknown },
  key: Key,
): Map<string, Buffer> {
  let known = of.get(key);
  if (known === undefined) {
    known = new Map();
    of.set(key, known);
  }
  return known;
}

export const createHash = (algorithm: string): Digest =>
  new Digest(knownOf(hashes, algorithm), () => real.createHash(algorithm));

export const createHmac = (algorithm: string, key: real.KeyObject): Digest =>
  new Digest(knownOf(hmacs, key), () => real.createHmac(algorithm, key));

export function createSecretKey(text: string, encoding: BufferEncoding): real.KeyObject {
  const name = `${encoding} ${text}`;
  let key = keys.get(name);
  if (key === undefined) {
    key = real.createSecretKey(text, encoding);
    keys.set(name, key);
  }
  return key;
}
