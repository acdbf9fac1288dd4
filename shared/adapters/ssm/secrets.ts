import { createSecretKey } from 'node:crypto';
import * as z from 'zod';
import type { ClickSecrets, LeadSecrets } from '../../ports/crypto.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import { hmacSha256, keyedDigest128 } from '../../runtime/crypto.ts';
import { SECRET_NAMES } from '../../runtime/secret-names.ts';
import { type CallAws, createAwsCaller } from '../aws-json.ts';

/** How long an instance goes on with the secrets it read: a rotated key is known everywhere after this. */
const FRESH_MS = 5 * 60_000;

/** 96 bits. */
const FINGERPRINT_CHARACTERS = 16;

const secretKey = z.base64().transform((text) => createSecretKey(text, 'base64'));

const parametersAnswer = z.object({ Parameters: z.array(z.object({ Name: z.string(), Value: z.string() })) });

const clickIdKeys = z.object({ current: z.number().int().min(0).max(255), keys: z.record(z.string(), secretKey) });

export interface SecretsDependencies {
  /** Of the deployment's parameters, such as `/leadledger/prod/`. */
  readonly prefix: string;
  readonly callSsm?: CallAws | undefined;
  readonly nowMs?: (() => number) | undefined;
}

/** Reads the keys of click ids, as `readerOf` says. */
export const createClickSecrets = (dependencies: SecretsDependencies): (() => Promise<ClickSecrets>) =>
  readerOf(dependencies, SECRET_NAMES.clickIdKeys, (text) => {
    const { current, keys } = clickIdKeys.parse(JSON.parse(text));
    return {
      currentClickKeyId: current,
      clickMac: (keyId, bytes) => {
        const key = keys[keyId.toString()];
        return key === undefined ? undefined : hmacSha256(key, bytes);
      },
    };
  });

/** Reads the pepper of lead ids, as `readerOf` says. */
export const createLeadSecrets = (dependencies: SecretsDependencies): (() => Promise<LeadSecrets>) =>
  readerOf(dependencies, SECRET_NAMES.leadIdPepper, (text) => {
    const pepper = secretKey.parse(text);
    const digest = (parts: readonly string[]) => keyedDigest128(pepper, JSON.stringify(parts));
    return {
      leadId: (parts) => `lead_${digest(parts)}`,
      fingerprint: (parts) => digest(parts).slice(0, FINGERPRINT_CHARACTERS),
    };
  });

/**
 * Reads one parameter at first use, then every 5 minutes; what was read before serves on while the store does not answer. Throws
 * StoreUnavailable where nothing was read yet.
 */
export function readerOf<Value>(
  { prefix, callSsm = createAwsCaller('ssm'), nowMs = Date.now }: SecretsDependencies,
  name: string,
  parse: (text: string) => Value,
): () => Promise<Value> {
  let current: { value: Value; readAtMs: number } | undefined;
  let reading: Promise<Value> | undefined;

  const read = async (): Promise<Value> => {
    try {
      const [text = ''] = await readParameters(callSsm, [prefix + name]);
      current = { value: parse(text), readAtMs: nowMs() };
    } catch (error) {
      if (current === undefined)
        throw new StoreUnavailable('the parameter store did not give the secrets', { cause: error });
      current = { ...current, readAtMs: nowMs() };
    } finally {
      reading = undefined;
    }
    return current.value;
  };

  return () => {
    if (current !== undefined && nowMs() - current.readAtMs < FRESH_MS) return Promise.resolve(current.value);
    reading ??= read();
    return reading;
  };
}

/** The values of parameters, decrypted, in the order of their names. Throws where one is missing. */
export async function readParameters(callSsm: CallAws, names: readonly string[]): Promise<string[]> {
  const answer = parametersAnswer.parse(
    await callSsm('AmazonSSM.GetParameters', { Names: names, WithDecryption: true }),
  );
  const values = new Map(answer.Parameters.map((parameter) => [parameter.Name, parameter.Value]));
  return names.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`the parameter ${name} is missing: npm run deploy makes it`);
    return value;
  });
}
