import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetParameterCommand, GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, describe, expect, it } from 'vitest';
import { startAwsServices } from '../../../infra/local/aws-services.ts';
import { openSecrets } from '../../../infra/local/secrets.ts';
import { temporaryFolder } from './support.ts';

const KEY_ARN = 'arn:aws:kms:us-east-1:000000000000:key/contacts';
const PREFIX = '/app/local/';
const dataDir = temporaryFolder();
const secrets = await openSecrets(dataDir, PREFIX, KEY_ARN);
const services = await startAwsServices(secrets, { 'alias/contacts': KEY_ARN });
const client = {
  endpoint: services.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
const ssm = new SSMClient(client);
const kms = new KMSClient(client);
afterAll(() => services.stop());

describe('the parameter store', () => {
  it('has the secrets that a deployment makes, and says which names it does not know', async () => {
    const Names = ['click-id-keys', 'lead-id-pepper', 'other'].map((name) => PREFIX + name);
    const { Parameters = [], InvalidParameters } = await ssm.send(
      new GetParametersCommand({ Names, WithDecryption: true }),
    );
    const values = Object.fromEntries(Parameters.map(({ Name = '', Value = '' }) => [Name, Value]));
    const clickIdKeys = JSON.parse(values[`${PREFIX}click-id-keys`] ?? '') as {
      current: number;
      keys: Record<string, string>;
    };
    expect(Buffer.from(clickIdKeys.keys[clickIdKeys.current] ?? '', 'base64')).toHaveLength(32);
    expect(Buffer.from(values[`${PREFIX}lead-id-pepper`] ?? '', 'base64')).toHaveLength(32);
    expect(InvalidParameters).toEqual([`${PREFIX}other`]);
  });

  it('takes a new parameter, and replaces one only where asked', async () => {
    const put = (Value: string, Overwrite: boolean) =>
      ssm.send(new PutParameterCommand({ Name: '/a', Value, Overwrite, Type: 'SecureString' }));
    await put('one', false);
    await expect(put('two', false)).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    await put('three', true);
    expect((await ssm.send(new GetParameterCommand({ Name: '/a' }))).Parameter?.Value).toBe('three');
    await expect(ssm.send(new GetParameterCommand({ Name: '/b' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });
});

describe('the key service', () => {
  it('unwraps what it wrapped, under the same context only', async () => {
    const EncryptionContext = { leadId: 'lead_1' };
    const made = await kms.send(
      new GenerateDataKeyCommand({ KeyId: 'alias/contacts', KeySpec: 'AES_256', EncryptionContext }),
    );
    const { CiphertextBlob } = made;
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect([opened.KeyId, opened.Plaintext]).toEqual([KEY_ARN, made.Plaintext]);
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
  });

  it('refuses what was altered, and keys that it does not have', async () => {
    const { CiphertextBlob = new Uint8Array() } = await kms.send(
      new GenerateDataKeyCommand({ KeyId: KEY_ARN, KeySpec: 'AES_256' }),
    );
    const altered = Uint8Array.from(CiphertextBlob);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    const invalid = { name: 'InvalidCiphertextException' };
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: altered }))).rejects.toMatchObject(invalid);
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from('x') }))).rejects.toMatchObject(invalid);
    const unknown = kms.send(new GenerateDataKeyCommand({ KeyId: 'alias/other', KeySpec: 'AES_256' }));
    await expect(unknown).rejects.toMatchObject({ name: 'NotFoundException' });
  });
});

describe('the secrets of a data directory', () => {
  it('outlive a restart', async () => {
    const again = await openSecrets(dataDir, PREFIX, KEY_ARN);
    expect(again.parameter(`${PREFIX}lead-id-pepper`)).toBe(secrets.parameter(`${PREFIX}lead-id-pepper`));
    expect(again.masterKey).toEqual(secrets.masterKey);
  });

  it('get what a later release needs beside those that are there', async () => {
    const older = temporaryFolder();
    const first = await openSecrets(older, PREFIX, KEY_ARN);
    const { parameters, ...rest } = JSON.parse(readFileSync(join(older, 'secrets.json'), 'utf8'));
    delete parameters[`${PREFIX}receipt-keys`];
    writeFileSync(join(older, 'secrets.json'), JSON.stringify({ ...rest, parameters }));
    const again = await openSecrets(older, PREFIX, KEY_ARN);
    expect(again.parameter(`${PREFIX}receipt-keys`)).toBeTypeOf('string');
    expect(again.parameter(`${PREFIX}contact-data-key`)).toBe(first.parameter(`${PREFIX}contact-data-key`));
  });

  it('can be read by their owner alone', () => {
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  });
});
