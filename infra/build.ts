import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { writeOpenApi } from './tools/write-openapi.ts';

const root = resolve(import.meta.dirname, '..');

/** Files that a function needs beside its code: folders of its bundle, and what of node_modules is copied there. */
const staticAssets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'describe-api': { assets: ['swagger-ui-dist/swagger-ui.css', 'swagger-ui-dist/swagger-ui-bundle.js'] },
  'render-documents': {
    assets: [
      'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
      'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
      'dejavu-fonts-ttf/LICENSE',
    ],
    // Where pdfkit looks for it: beside its own code.
    data: ['pdfkit/js/data/sRGB_IEC61966_2_1.icc'],
  },
};

/**
 * Packages that are too large to be in a bundle and that few requests need: each is bundled by itself and stands in `node_modules` beside
 * the bundles that import it, to be loaded when it is first needed (`docs/adr/0014-large-lists-beside-the-bundle.md`).
 */
const LAZY_PACKAGES: readonly string[] = ['mailchecker', 'libphonenumber-js'];

/** The script that landing pages load: a file of a function, and where it is put beside its code. */
const PAGE_SCRIPT = { source: 'functions/capture-lead/page-script.js', target: 'capture-lead/assets/ll.js' };

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

/** Of a client's package file only the version is read, for the header that says who calls: the rest is 2 KB of every bundle. */
const versionsAlone: esbuild.Plugin = {
  name: 'versions-alone',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/@aws-sdk\/client-[a-z]+\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
      return { contents: JSON.stringify({ version }), loader: 'json' };
    }),
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
 * The metafile goes to `meta.json` beside `outDir`. `sourceMaps`: tell where a line of a bundle comes from, and take a third of the time.
 * Returns the names of the functions built.
 */
export async function buildFunctions(
  outDir = 'dist/functions',
  { sourceMaps = true }: { readonly sourceMaps?: boolean } = {},
): Promise<string[]> {
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
        // Its ESM asks `import.meta` where it is, which a bundle in CommonJS cannot say.
        pdfkit: './node_modules/pdfkit/js/pdfkit.js',
      },
      plugins: [withoutJsonSchema, versionsAlone],
      logOverride: { 'import-is-undefined': 'silent' },
      sourcemap: sourceMaps ? 'external' : false,
      sourcesContent: false,
    });
    await writeFile(join(dirname(out), 'meta.json'), JSON.stringify(metafile));
    await minifyPageScript(join(out, PAGE_SCRIPT.target));
    for (const name of LAZY_PACKAGES) await bundlePackage(name, importersOf(name, metafile));
  } finally {
    // Its service process would hold 200 MB for as long as the runner lives.
    await esbuild.stop();
  }
  await Promise.all(names.map((name) => finishBundle(name, join(out, name))));
  return names;
}

/** Makes the script as small as it goes, for browsers of the last five years. */
async function minifyPageScript(outfile: string): Promise<void> {
  const entryPoints = [join(root, PAGE_SCRIPT.source)];
  // Without the options of this project, which are for code of the service.
  await esbuild.build({ entryPoints, outfile, minify: true, target: 'es2021', legalComments: 'none', tsconfigRaw: {} });
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
  for (const [target, files] of Object.entries(staticAssets[name] ?? {})) {
    for (const file of files) await cp(join(root, 'node_modules', file), join(folder, target, basename(file)));
  }
  if (name === 'describe-api') await writeOpenApi(join(folder, 'assets', 'openapi.json'));
}

if (import.meta.main) {
  const names = await buildFunctions();
  console.log(`built ${names.length} functions into dist/functions`);
}
