import { defineConfig } from 'vitest/config';

const engineFolders = ['test/adapters/**/*.test.ts', 'test/engine/**/*.test.ts', 'test/functions/**/*.test.ts'];
const infraFolders = ['test/infra/**/*.test.ts'];
const e2eFolders = ['test/e2e/**/*.test.ts'];

/**
 * Four groups, so that `vitest run --project unit` answers in a second: what needs no engine, what needs the engines (started
 * once for all of it), what synthesises the CDK app, and the whole stack.
 *
 * Files are isolated from each other: handlers read their environment when they are imported.
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
          include: ['test/**/*.test.ts'],
          exclude: [...engineFolders, ...infraFolders, ...e2eFolders],
        },
      },
      {
        extends: true,
        test: {
          name: 'engine',
          include: engineFolders,
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
