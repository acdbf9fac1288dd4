import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { systemClock } from '../../shared/runtime/clock.ts';
import { dataDirFrom, readStackFile } from '../local/data-dir.ts';
import { secretsPrefix } from '../stage.ts';
import { rotateClickIdKeys, rotateReceiptKeys } from './key-rotation.ts';
import { readStageName } from './stage-argument.ts';

const USAGE = `Usage: npm run rotate-keys -- receipt-keys|click-id-keys [--stage NAME]

Puts the next key into use and makes another next, for the deployed stage NAME or the service that npm start runs. What was
signed or made with older keys stays valid.`;

const rotations: Readonly<Record<string, (value: string, now: string) => string | Promise<string>>> = {
  'receipt-keys': rotateReceiptKeys,
  'click-id-keys': rotateClickIdKeys,
};

/** Rotates the keys in one parameter. */
export async function rotateKeys(
  ssm: Pick<SSMClient, 'send'>,
  name: string,
  rotate: (value: string, now: string) => string | Promise<string>,
  now: string,
): Promise<void> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  const Value = await rotate(Parameter?.Value ?? '', now);
  await ssm.send(
    new PutParameterCommand({ Name: name, Value, Type: 'SecureString', Tier: 'Intelligent-Tiering', Overwrite: true }),
  );
}

/** Where the parameters are: of the stage named by `--stage`, or of the service that `npm start` runs. */
function findPrefix(argv: readonly string[]): string {
  if (argv.includes('--stage')) return secretsPrefix(readStageName(argv).stageName);
  const stack = readStackFile(dataDirFrom(process.env));
  if (stack === undefined) {
    throw new Error('Nothing is running here: run npm start, or name a deployed stage with --stage NAME.');
  }
  // The SDK finds the parameter store, and what it takes for credentials, in the environment.
  Object.assign(process.env, stack.env);
  return stack.env['SECRETS_PREFIX'] ?? '';
}

async function main(argv: readonly string[]): Promise<void> {
  const [secret = ''] = argv;
  const rotate = Object.hasOwn(rotations, secret) ? rotations[secret] : undefined;
  if (rotate === undefined) throw new Error(USAGE);
  const prefix = findPrefix(argv.slice(1));
  await rotateKeys(new SSMClient(), prefix + secret, rotate, systemClock());
  console.log(`Rotated ${secret}: the new key is in use everywhere within 5 minutes.`);
}

if (import.meta.main) {
  await main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
