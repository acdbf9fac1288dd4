import { GenerateDataKeyWithoutPlaintextCommand } from '@aws-sdk/client-kms';
import { ParameterAlreadyExists, PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { makeMissingSecrets } from '../../infra/tools/secrets.ts';
import { readStageName } from '../../infra/tools/stage-argument.ts';

/** A key service and a parameter store that know one call each and fail on all others. */
function fakeServices(stored: Map<string, string>) {
  const kms = {
    send: async (command: unknown) => {
      expect(command).toBeInstanceOf(GenerateDataKeyWithoutPlaintextCommand);
      expect((command as GenerateDataKeyWithoutPlaintextCommand).input).toEqual({
        KeyId: 'alias/leadledger-staging-contacts',
        KeySpec: 'AES_256',
      });
      return { CiphertextBlob: Buffer.from('wrapped') };
    },
  };
  const ssm = {
    send: async (command: unknown) => {
      expect(command).toBeInstanceOf(PutParameterCommand);
      const { Name = '', Value = '', Type, Overwrite } = (command as PutParameterCommand).input;
      expect({ Type, Overwrite }).toEqual({ Type: 'SecureString', Overwrite: false });
      if (stored.has(Name)) throw new ParameterAlreadyExists({ message: 'there', $metadata: {} });
      stored.set(Name, Value);
      return {};
    },
  };
  return { kms, ssm } as unknown as Parameters<typeof makeMissingSecrets>[1];
}

describe('the secrets of a stage', () => {
  it('are made below its prefix, each of 32 bytes or more', async () => {
    const stored = new Map<string, string>();
    const made = await makeMissingSecrets('staging', fakeServices(stored));
    expect(made).toEqual(['click-id-keys', 'lead-id-pepper', 'contact-data-key', 'receipt-keys']);
    expect([...stored.keys()]).toEqual(made.map((name) => `/leadledger/staging/${name}`));
    const { current, keys } = JSON.parse(stored.get('/leadledger/staging/click-id-keys') ?? '');
    expect(Buffer.from(keys[current], 'base64')).toHaveLength(32);
    expect(Buffer.from(stored.get('/leadledger/staging/lead-id-pepper') ?? '', 'base64')).toHaveLength(32);
    expect(Buffer.from(stored.get('/leadledger/staging/contact-data-key') ?? '', 'base64').toString()).toBe('wrapped');
  });

  it('are never replaced: with another pepper every lead would be new', async () => {
    const stored = new Map([['/leadledger/staging/lead-id-pepper', 'the first one']]);
    expect(await makeMissingSecrets('staging', fakeServices(stored))).toEqual([
      'click-id-keys',
      'contact-data-key',
      'receipt-keys',
    ]);
    expect(stored.get('/leadledger/staging/lead-id-pepper')).toBe('the first one');
  });
});

describe('the stage that a tool works on', () => {
  it.each([
    [[], 'prod', []],
    [['--stage', 'staging'], 'staging', []],
    [['--require-approval', 'never', '--stage', 'staging', '-v'], 'staging', ['--require-approval', 'never', '-v']],
  ])('%j is %s', (argv, stageName, others) => {
    expect(readStageName(argv)).toEqual({ stageName, others });
  });

  it.each([[['--stage']], [['--stage', '--verbose']]])('%j names none', (argv) => {
    expect(() => readStageName(argv)).toThrow('--stage takes the name of a stage');
  });
});
