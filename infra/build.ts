import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { writeOpenApi } from './tools/write-openapi.ts';

const root = resolve(import.meta.dirname, '..');

/** Files that a function serves beside its code: `package/file` in node_modules, copied to `assets/` in its bundle. */
const staticAssets: Readonly<Record<string, readonly string[]>> = {
  'describe-api': ['swagger-ui-dist/swagger-ui.css', 'swagger-ui-dist/swagger-ui-bundle.js'],
};

/**
 * Packages that are too large to be in a bundle and that few requests need: each is bundled by itself and stands in `node_modules` beside
 * the bundles that import it, to be loaded when it is first needed (`docs/adr/0014-large-lists-beside-the-bundle.md`).
 */
const LAZY_PACKAGES: readonly string[] = ['mailchecker', 'libphonenumber-js'];

/** The names of the functions in `functions/`: every folder that has a `handler.ts`. */
export async function listFunctions(): Promise<string[]> {
  const names = await readdir(join(root, 'functions'));
  return names.filter((name) => existsSync(join(root, 'functions', name, 'handler.ts'))).sort();
}

/** zod's way to JSON Schema is 18 KB of every bundle. */
const withoutJsonSchema: esbuild.Plugin = {
  name: 'without-json-schema',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/(?:to-json-schema|json-schema-processors)\.js$/ }, () => ({
      path: join(root, 'infra/bundling/zod-json-schema.ts'),
    })),
};

const bundling = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies esbuild.BuildOptions;

/**
 * Bundles every function into `<outDir>/<name>/index.js`, all in one esbuild call, and copies the files they serve.
 *
 * CommonJS, because it starts some 15 ms sooner than ESM; `module` fields first, because that saves 200 KB of SDK.
 * The metafile goes to `meta.json` beside `outDir`. Returns the names of the functions built.
 */
export async function buildFunctions(outDir = 'dist/functions'): Promise<string[]> {
  const out = resolve(root, outDir);
  const names = await listFunctions();
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  try {
    const { metafile } = await esbuild.build({
      ...bundling,
      entryPoints: names.map((name) => ({ in: `functions/${name}/handler.ts`, out: `${name}/index` })),
      outdir: out,
      external: [...LAZY_PACKAGES],
      // Lambda puts credentials in the environment: the chain that looks elsewhere is 110 KB of every bundle.
      alias: {
        '@aws-sdk/credential-provider-node': './infra/bundling/lambda-credentials.ts',
        '@aws-sdk/endpoint-cache': './infra/bundling/endpoint-cache.ts',
      },
      plugins: [withoutJsonSchema],
      logOverride: { 'import-is-undefined': 'silent' },
      sourcemap: 'external',
      sourcesContent: false,
    });
    await writeFile(join(dirname(out), 'meta.json'), JSON.stringify(metafile));
    for (const name of LAZY_PACKAGES) await bundlePackage(name, importersOf(name, metafile));
  } finally {
    // Its service process would hold 200 MB for as long as the runner lives.
    await esbuild.stop();
  }
  await Promise.all(names.map((name) => finishBundle(name, join(out, name))));
  return names;
}

/** The folders of the bundles that import a package which is not in them. */
const importersOf = (name: string, { outputs }: esbuild.Metafile): string[] =>
  Object.entries(outputs)
    .filter(([, { imports }]) => imports.some(({ path, external }) => external === true && path === name))
    .map(([file]) => join(root, dirname(file)));

/** Bundles a package once and puts it where each importer looks for it. */
async function bundlePackage(name: string, folders: readonly string[]): Promise<void> {
  const { outputFiles } = await esbuild.build({ ...bundling, entryPoints: [name], write: false });
  for (const folder of folders) {
    const target = join(folder, 'node_modules', name);
    await mkdir(target, { recursive: true });
    for (const { contents } of outputFiles) await writeFile(join(target, 'index.js'), contents);
  }
}

async function finishBundle(name: string, folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  const { resolve: resolvePackage } = createRequire(import.meta.url);
  for (const asset of staticAssets[name] ?? []) {
    await cp(resolvePackage(asset), join(folder, 'assets', asset.slice(asset.lastIndexOf('/') + 1)));
  }
  if (name === 'describe-api') await writeOpenApi(join(folder, 'assets', 'openapi.json'));
}

if (import.meta.main) {
  const names = await buildFunctions();
  console.log(`built ${names.length} functions into dist/functions`);
}
