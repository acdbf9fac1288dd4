import { fromEnv } from '@aws-sdk/credential-provider-env';

/** Stands in for the SDK's default chain in the bundles: in Lambda the credentials are in the environment, and nowhere else. */
export const defaultProvider = () => fromEnv();
