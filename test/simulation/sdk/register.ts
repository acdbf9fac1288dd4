import { registerHooks } from 'node:module';

const urlOf = (file: string): string => new URL(file, import.meta.url).href;

const STAND_INS: Readonly<Record<string, string>> = {
  '@aws-sdk/lib-dynamodb': urlOf('./lib-dynamodb.ts'),
  '@aws-sdk/util-dynamodb': urlOf('./util-dynamodb.ts'),
  'lru-cache': urlOf('./lru-cache.ts'),
  'node:crypto': urlOf('./crypto.ts'),
};
/** Only the product's own modules meet these. */
const OF_THE_PRODUCT = /\/(?:shared|functions)\/(?!.*node_modules)/;

// What the code logs on purpose would bury what a simulation says.
process.env['POWERTOOLS_LOG_LEVEL'] ??= 'SILENT';

/** Has everything of the product that is imported from now on meet the stand-ins. */
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const url = STAND_INS[specifier];
    const { conditions, parentURL = '' } = context;
    // The stand-in itself, and what the SDK requires of itself, get the real one.
    if (url === undefined || parentURL === url || conditions.includes('require'))
      return nextResolve(specifier, context);
    if (specifier === 'node:crypto' && !OF_THE_PRODUCT.test(parentURL)) return nextResolve(specifier, context);
    return { url, shortCircuit: true };
  },
});

await import('./remember-parses.ts');
