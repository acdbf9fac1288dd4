import { registerHooks } from 'node:module';

const STAND_INS: Readonly<Record<string, string>> = {
  '@aws-sdk/lib-dynamodb': new URL('./lib-dynamodb.ts', import.meta.url).href,
  '@aws-sdk/util-dynamodb': new URL('./util-dynamodb.ts', import.meta.url).href,
};

// What the code logs on purpose would bury what a simulation says.
process.env['POWERTOOLS_LOG_LEVEL'] ??= 'SILENT';

/** Has everything that is imported from now on meet the stand-ins instead of the SDK. */
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const url = STAND_INS[specifier];
    // The stand-in itself, and what the SDK requires of itself, get the real one.
    if (url === undefined || context.conditions.includes('require')) return nextResolve(specifier, context);
    return { url, shortCircuit: true };
  },
});
