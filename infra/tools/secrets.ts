import { randomBytes } from 'node:crypto';
import { GenerateDataKeyWithoutPlaintextCommand, type KMSClient } from '@aws-sdk/client-kms';
import { ParameterAlreadyExists, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { contactsKeyAlias, type SecretName, secretsPrefix } from '../stage.ts';

const KEY_BYTES = 32;

/** Fresh values of all secrets of a stage; `wrappedDataKey` is a 32-byte key as the key service wrapped it. */
export function freshSecrets(wrappedDataKey: Uint8Array): Readonly<Record<SecretName, string>> {
  const randomKey = () => randomBytes(KEY_BYTES).toString('base64');
  return {
    'click-id-keys': JSON.stringify({ current: 1, keys: { 1: randomKey() } }),
    'lead-id-pepper': randomKey(),
    'contact-data-key': Buffer.from(wrappedDataKey).toString('base64'),
  };
}

/**
 * Puts the secrets that a stage lacks into the parameter store and returns their names. One that is there is never replaced:
 * with another pepper every lead would be new, with another data key contact data could not be read.
 */
export async function makeMissingSecrets(
  stageName: string,
  { kms, ssm }: { kms: Pick<KMSClient, 'send'>; ssm: Pick<SSMClient, 'send'> },
): Promise<SecretName[]> {
  const { CiphertextBlob } = await kms.send(
    new GenerateDataKeyWithoutPlaintextCommand({ KeyId: contactsKeyAlias(stageName), KeySpec: 'AES_256' }),
  );
  if (CiphertextBlob === undefined) throw new Error('KMS gave no data key');
  const made: SecretName[] = [];
  for (const [name, value] of Object.entries(freshSecrets(CiphertextBlob)) as [SecretName, string][]) {
    if (await putIfMissing(ssm, secretsPrefix(stageName) + name, value)) made.push(name);
  }
  return made;
}

async function putIfMissing(ssm: Pick<SSMClient, 'send'>, name: string, value: string): Promise<boolean> {
  try {
    await ssm.send(new PutParameterCommand({ Name: name, Value: value, Type: 'SecureString', Overwrite: false }));
    return true;
  } catch (error) {
    if (error instanceof ParameterAlreadyExists) return false;
    throw error;
  }
}
