import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startAwsServices } from '../../infra/local/aws-services.ts';
import { startEngines } from '../../infra/local/emulators.ts';
import { readModel, sharedEnvironment } from '../../infra/local/model.ts';
import { openSecrets } from '../../infra/local/secrets.ts';
import { resolveStacks } from '../../infra/local/template.ts';
import { synthesiseWithoutCode } from './template.ts';

/** Starts the engines once for all test files of a project; vitest calls what it returns at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'leadledger-engines-'));
  const starting = startEngines({ dataDir, onExit: (reason) => console.error(reason) });
  const { stacks } = await synthesiseWithoutCode();
  const engines = await starting;

  const model = readModel(resolveStacks(stacks, { sqsEndpoint: engines.sqsEndpoint }));
  const [contactsKeyArn = ''] = Object.values(model.keyArns);
  const secretsPrefix = sharedEnvironment(model)['SECRETS_PREFIX'] ?? '';
  const services = await startAwsServices(await openSecrets(dataDir, secretsPrefix, contactsKeyArn), model.keyArns);

  project.provide('engines', {
    stacks,
    environment: {
      ...engines.environment,
      AWS_ENDPOINT_URL_SSM: services.endpoint,
      AWS_ENDPOINT_URL_KMS: services.endpoint,
    },
    sqsEndpoint: engines.sqsEndpoint,
    dynamoDbEndpoint: engines.dynamodb.endpoint,
  });
  return async () => {
    await Promise.all([engines.stop(), services.stop()]);
    rmSync(dataDir, { recursive: true, force: true });
  };
}
