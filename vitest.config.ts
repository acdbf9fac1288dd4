import { defineConfig } from 'vitest/config';

const engineFolders = ['test/adapters/**/*.test.ts', 'test/engine/**/*.test.ts', 'test/functions/**/*.test.ts'];
/** Files that import handlers, which read their environment when they are imported: they share no modules. */
const handlerFiles = [
  'test/functions/accept-decisions/decisions.test.ts',
  'test/functions/accept-imports/imports.test.ts',
  'test/functions/check-conservation/dependencies.test.ts',
  'test/functions/close-month/close-month.test.ts',
  'test/functions/ingest-postback/handlers.test.ts',
  'test/functions/manage-catalog/manage-catalog.test.ts',
];
const infraFolders = ['test/infra/**/*.test.ts'];
const e2eFolders = ['test/e2e/**/*.test.ts'];

/**
 * Five groups, so that `vitest run --project unit` answers in a second: what needs no engine, what needs the engines (started
 * once for all of it), the same with handlers, what synthesises the CDK app, and the whole stack.
 *
 * Files of the first two share the modules that they import: importing them takes longer than the tests.
 */
export default defineConfig({
  test: {
    isolate: true,
    // What the code logs on purpose in a test would bury what a test says.
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
    pool: 'forks',
    maxWorkers: 2,
    restoreMocks: true,
    unstubEnvs: true,
    // Property tests run for a second or two; on a busy machine for ten times that.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [...engineFolders, ...infraFolders, ...e2eFolders],
        },
      },
      {
        extends: true,
        test: {
          name: 'engine',
          isolate: false,
          include: engineFolders,
          exclude: handlerFiles,
          globalSetup: ['test/support/engines-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'handlers',
          include: handlerFiles,
          globalSetup: ['test/support/engines-setup.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'infra', include: infraFolders },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: e2eFolders,
          globalSetup: ['test/support/stack-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
