import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for the SDK's default chain in the bundles: in Lambda the credentials are in the environment, nowhere else, and the same for
 * as long as the instance lives.
 */
export function defaultProvider(): ReturnType<typeof fromEnv> {
  let credentials: ReturnType<ReturnType<typeof fromEnv>> | undefined;
  return () => {
    credentials ??= fromEnv()();
    return credentials;
  };
}
