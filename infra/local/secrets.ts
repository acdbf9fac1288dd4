import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { systemClock } from '../../shared/runtime/clock.ts';
import { SECRET_NAMES } from '../../shared/runtime/secret-names.ts';
import { createKeyService } from './key-service.ts';

const KEY_BYTES = 32;

const storeSchema = z.strictObject({
  /** Base64; wraps the data keys, as a KMS key would. */
  masterKey: z.base64(),
  /** Name to value of what the functions find in the parameter store. */
  parameters: z.record(z.string(), z.string()),
  operatorKey: z.string().optional(),
});

type Store = z.infer<typeof storeSchema>;

/** The secrets of one data directory, kept in a file that only its owner can read. */
export interface Secrets {
  readonly masterKey: Buffer;
  parameter(name: string): string | undefined;
  setParameter(name: string, value: string): void;
  operatorKey(): string | undefined;
  setOperatorKey(key: string): void;
}

/** Reads the secrets of a data directory, and makes those that it lacks: on its first start all. */
export async function openSecrets(dataDir: string, prefix: string, contactsKeyArn: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json');
  const store: Store = existsSync(path)
    ? storeSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    : { masterKey: randomBytes(KEY_BYTES).toString('base64'), parameters: {} };
  const masterKey = Buffer.from(store.masterKey, 'base64');

  function save(): void {
    writeFileSync(`${path}.new`, `${JSON.stringify(store, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  const isMissing = (name: string): boolean => store.parameters[`${prefix}${name}`] === undefined;
  if (Object.values(SECRET_NAMES).some(isMissing)) {
    for (const [name, value] of Object.entries(await freshParameters(masterKey, contactsKeyArn))) {
      if (isMissing(name)) store.parameters[`${prefix}${name}`] = value;
    }
    save();
  }

  return {
    masterKey,
    parameter: (name) => store.parameters[name],
    setParameter: (name, value) => {
      store.parameters[name] = value;
      save();
    },
    operatorKey: () => store.operatorKey,
    setOperatorKey: (key) => {
      store.operatorKey = key;
      save();
    },
  };
}

/** The same secrets that a deployment makes once. Their maker loads two SDK clients: only a start that lacks one pays for that. */
async function freshParameters(masterKey: Buffer, contactsKeyArn: string): Promise<Readonly<Record<string, string>>> {
  const { freshSecrets } = await import('../tools/secrets.ts');
  return freshSecrets(createKeyService(masterKey).encrypt(randomBytes(KEY_BYTES), contactsKeyArn), systemClock());
}
