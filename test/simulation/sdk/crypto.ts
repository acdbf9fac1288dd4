import * as real from 'node:crypto';

/**
 * Stands in for `node:crypto` in long simulations, where all runs ask for digests of the same texts: they are as they should be, and each is
 * taken once.
 */
export * from 'node:crypto';

const MAX_KNOWN = 20_000;

/** Does what a function does, once for each text. */
function remembering<Result>(make: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result = make(text);
      if (known.size === MAX_KNOWN) known.clear();
      known.set(text, result);
    }
    return result;
  };
}

const hashes = remembering((kind) => {
  const [algorithm = '', encoding] = kind.split(' ') as [string, real.BinaryToTextEncoding];
  return remembering((text) => real.hash(algorithm, text, encoding));
});

/** Bytes that are told are not to be changed. */
export const hash = (
  algorithm: string,
  data: string | Uint8Array,
  encoding: real.BinaryToTextEncoding,
): string | Buffer =>
  typeof data === 'string' ? hashes(`${algorithm} ${encoding}`)(data) : real.hash(algorithm, data, encoding);

const hmacs = new WeakMap<real.KeyObject, (text: string) => Buffer>();

/** Takes its data at once, as all of the product's code gives them. */
class Hmac {
  private readonly ofText: (text: string) => Buffer;
  private readonly make: () => real.Hmac;
  private data: string | Uint8Array = '';

  constructor(make: () => real.Hmac, ofText: (text: string) => Buffer) {
    this.make = make;
    this.ofText = ofText;
  }

  update(data: string | Uint8Array): this {
    this.data = data;
    return this;
  }

  digest(): Buffer {
    return typeof this.data === 'string' ? this.ofText(this.data) : this.make().update(this.data).digest();
  }
}

export function createHmac(algorithm: string, key: real.KeyObject): Hmac {
  const make = () => real.createHmac(algorithm, key);
  let ofText = hmacs.get(key);
  if (ofText === undefined) {
    ofText = remembering((text) => make().update(text).digest());
    hmacs.set(key, ofText);
  }
  return new Hmac(make, ofText);
}

const keys = remembering((text) => real.createSecretKey(text, 'base64'));

export const createSecretKey = (text: string, encoding: BufferEncoding): real.KeyObject =>
  encoding === 'base64' ? keys(text) : real.createSecretKey(text, encoding);
