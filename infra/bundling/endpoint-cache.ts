/**
 * Stands in for the SDK's cache of discovered endpoints in the bundles: discovery is asked for by the environment or by configuration, and
 * no function is given either.
 */
export class EndpointCache {}
