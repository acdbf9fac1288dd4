import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { SSMClient } from '@aws-sdk/client-ssm';
import { makeMissingSecrets } from './secrets.ts';
import { readStageName } from './stage-argument.ts';

const root = resolve(import.meta.dirname, '../..');
const { stageName, others } = readStageName(process.argv.slice(2));

/** Deploys one stack; the other arguments of the command line go to `cdk deploy` as they are. Ends the program on failure. */
function deployStack(id: 'Data' | 'Service'): void {
  const { status } = spawnSync(
    join(root, 'node_modules/.bin/cdk'),
    ['deploy', id, '--exclusively', '--context', `stage=${stageName}`, ...others],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
}

// The key that wraps the contact data key is in the data stack, and the functions want the secrets at their first request.
deployStack('Data');
const made = await makeMissingSecrets(stageName, { kms: new KMSClient(), ssm: new SSMClient() });
for (const name of made) console.log(`made the secret ${name}`);
deployStack('Service');
console.log(`\nThe first operator key, once: npm run operator-key -- --stage ${stageName}`);
