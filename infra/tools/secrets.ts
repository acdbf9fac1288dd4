import { GenerateDataKeyWithoutPlaintextCommand, type KMSClient } from '@aws-sdk/client-kms';
import { ParameterAlreadyExists, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { systemClock } from '../../shared/runtime/clock.ts';
import type { SecretName } from '../../shared/runtime/secret-names.ts';
import { contactsKeyAlias, secretsPrefix } from '../stage.ts';
import { freshClickIdKeys, freshReceiptKeys, randomKey } from './key-rotation.ts';

/** Fresh values of all secrets of a stage; `wrappedDataKey` is a 32-byte key as the key service wrapped it. */
export async function freshSecrets(
  wrappedDataKey: Uint8Array,
  now: string,
): Promise<Readonly<Record<SecretName, string>>> {
  return {
    'click-id-keys': freshClickIdKeys(),
    'lead-id-pepper': randomKey(),
    'contact-data-key': Buffer.from(wrappedDataKey).toString('base64'),
    'receipt-keys': await freshReceiptKeys(now),
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
  for (const [name, value] of Object.entries(await freshSecrets(CiphertextBlob, systemClock())) as [
    SecretName,
    string,
  ][]) {
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
