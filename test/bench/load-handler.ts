import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** A fresh instance of a bundle: it reads the environment when it is loaded. */
export function loadHandler<Handler>(functionName: string, env: Readonly<Record<string, string>>): Handler {
  const require = createRequire(import.meta.url);
  const path = resolve('dist/functions', functionName, 'index.js');
  delete require.cache[path];
  Object.assign(process.env, env);
  return (require(path) as { handler: Handler }).handler;
}
