import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** What is written where, and the words of the finding; `undefined`: it must pass. */
type Case = readonly [code: string, path: string, finding: string | undefined];

const imports = (...specifiers: string[]): string =>
  specifiers.map((specifier, index) => `export { x as x${index} } from '${specifier}';`).join('\n');

const dependencyRule: readonly Case[] = [
  [imports('../time/calendar.ts', './minor.ts'), 'shared/domain/money', undefined],
  [imports('zod'), 'shared/domain/money', 'imports no package'],
  [imports('node:crypto'), 'shared/domain/money', 'imports no package'],
  [imports('@aws-sdk/client-dynamodb'), 'shared/domain/money', 'imports no package'],
  ["import type { x } from 'zod';\nexport type Y = typeof x;", 'shared/domain/money', 'imports no package'],
  ["export const x = import('zod');", 'shared/domain/money', 'imports no package'],
  [imports('../../contracts/postback.ts'), 'shared/domain/money', 'imports only other domain code'],
  [imports('../../ports/leads.ts'), 'shared/domain/money', 'imports only other domain code'],
  [imports('../../use-cases/post-entries.ts'), 'shared/domain/money', 'imports only other domain code'],
  [imports('../../adapters/dynamodb/leads.ts'), 'shared/domain/money', 'imports only other domain code'],
  [imports('../runtime/clock.ts'), 'shared/domain', 'imports only other domain code'],
  [imports('../../dialects/names.ts'), 'shared/domain/money', 'imports only other domain code'],
  [imports('../dialects/dialect.ts'), 'shared/domain', 'imports only other domain code'],
  [imports('zod', '../domain/money/money.ts', '../dialects/names.ts'), 'shared/contracts', undefined],
  [imports('../runtime/problems.ts'), 'shared/contracts', 'import zod and the domain'],
  [imports('../ports/leads.ts'), 'shared/contracts', 'import zod and the domain'],
  [imports('../dialects/registry.ts'), 'shared/contracts', 'the names alone'],
  [imports('@aws-sdk/client-sqs'), 'shared/contracts', 'know no runtime and no AWS'],
  [
    imports('./dialect.ts', '../contracts/postback.ts', '../domain/money/money.ts', 'zod', 'lossless-json'),
    'shared/dialects',
    undefined,
  ],
  ["import { createHmac } from 'node:crypto';\nexport const x = createHmac;", 'shared/dialects', undefined],
  [
    "import { randomUUID } from 'node:crypto';\nexport const x = randomUUID;",
    'shared/dialects',
    'chance arrives as data',
  ],
  [imports('standardwebhooks'), 'shared/dialects', 'no other package'],
  [imports('node:http'), 'shared/dialects', 'no other package'],
  [imports('../runtime/clock.ts'), 'shared/dialects', 'contracts and the domain'],
  [imports('../ports/leads.ts'), 'shared/dialects', 'contracts and the domain'],
  [imports('../domain/leads/lead.ts', '../dialects/names.ts', './errors.ts'), 'shared/ports', undefined],
  [imports('zod'), 'shared/ports', 'no package'],
  [imports('../dialects/registry.ts'), 'shared/ports', 'the names alone'],
  [imports('../adapters/sqs/queue.ts'), 'shared/ports', 'Ports import the domain'],
  [imports('../ports/leads.ts', '../contracts/postback.ts', '../domain/money/money.ts'), 'shared/use-cases', undefined],
  [imports('../adapters/dynamodb/leads.ts'), 'shared/use-cases', 'through ports'],
  [imports('../runtime/clock.ts'), 'shared/use-cases', 'through ports'],
  [imports('@aws-sdk/lib-dynamodb'), 'shared/use-cases', 'know no AWS'],
  [imports('../contracts/postback.ts', '../dialects/dialect.ts', '@middy/core'), 'shared/runtime', undefined],
  [imports('../dialects/registry.ts'), 'shared/runtime', 'the shape alone'],
  [imports('../adapters/sqs/queue.ts'), 'shared/runtime', 'The runtime imports'],
  [imports('../../ports/leads.ts', '../../dialects/names.ts', '@aws-sdk/client-s3'), 'shared/adapters/s3', undefined],
  [imports('../../dialects/tune.ts'), 'shared/adapters/s3', 'the names alone'],
  [imports('../../use-cases/post-entries.ts'), 'shared/adapters/s3', 'Adapters implement ports'],
  [imports('../../../functions/roll-up/fold.ts'), 'shared/adapters/s3', 'Adapters implement ports'],
  [imports('../../shared/domain/money/money.ts', './env.ts', 'zod'), 'functions/ingest-click', undefined],
  [imports('../roll-up/fold.ts'), 'functions/ingest-click', 'never another function'],
  [imports('../../functions/roll-up/fold.ts'), 'functions/ingest-click', 'never another function'],
  [imports('../../infra/stage.ts'), 'functions/ingest-click', 'never another function'],
  [imports('../env.ts', '../../../shared/runtime/env.ts'), 'functions/ingest-click/routes', undefined],
  [imports('../../roll-up/fold.ts'), 'functions/ingest-click/routes', 'never another function'],
  [imports('../shared/contracts/routes.ts', '../shared/runtime/metrics.ts', 'constructs'), 'infra', undefined],
  [imports('../../shared/domain/money/money.ts'), 'infra/stacks', 'not what it decides'],
  [imports('../../functions/roll-up/fold.ts'), 'infra/stacks', 'not what it decides'],
  [imports('../../shared/dialects/names.ts'), 'infra/constructs', 'not what it decides'],
  [imports('../../shared/ports/errors.ts'), 'infra/local', 'not what it decides'],
  [imports('../../shared/use-cases/rebuild-rollups.ts'), 'infra/local', 'not what it decides'],
  [imports('../shared/adapters/ssm/secrets.ts'), 'infra', 'not what it decides'],
  [
    imports(
      '../../shared/use-cases/rebuild-rollups.ts',
      '../../shared/adapters/dynamodb/rollups.ts',
      '../../shared/ports/errors.ts',
      '../local/data-dir.ts',
    ),
    'infra/tools',
    undefined,
  ],
  [imports('../../../shared/domain/money/money.ts'), 'infra/tools/demo', 'decide nothing themselves'],
  [imports('../../shared/dialects/registry.ts'), 'infra/tools', 'decide nothing themselves'],
  [imports('../../functions/roll-up/fold.ts'), 'infra/tools', 'decide nothing themselves'],
];

const purityRule: readonly Case[] = [
  ['export const x = (at: string) => new Date(at);', 'shared/domain/time', undefined],
  ['export const x = (at: string) => Date.parse(at);', 'shared/domain/time', undefined],
  ['export const x = Date.now();', 'shared/domain/time', 'Domain and dialects are pure'],
  ['export const x = (now = Date.now) => now();', 'shared/domain/time', 'Domain and dialects are pure'],
  ['export const x = new Date();', 'shared/domain/time', 'Domain and dialects are pure'],
  ['export const x = Math.random();', 'shared/domain/time', 'Domain and dialects are pure'],
  ['export const x = performance.now();', 'shared/domain/time', 'Domain and dialects are pure'],
  ['export const x = crypto.randomUUID();', 'shared/domain/time', 'Domain and dialects are pure'],
  ['export const x = process.env;', 'shared/domain/time', 'Domain and dialects are pure'],
  ['export const x = Date.now();', 'shared/dialects', 'Domain and dialects are pure'],
  ['export const x = Date.now();', 'shared/runtime', undefined],
];

const moneyRule: readonly Case[] = [
  ['export const x = 86_400_000 + 0xe5 + Number.MAX_SAFE_INTEGER;', 'shared/domain/clicks', undefined],
  ['export const x = (value: bigint) => Number(value & 0xffn);', 'shared/domain/clicks', undefined],
  ['export const x = 0.01;', 'shared/domain/clicks', 'no floats'],
  ['export const x = 1e3;', 'functions/report-payouts', 'no floats'],
  ["export const x = parseFloat('1');", 'shared/contracts', 'no floats'],
  ["export const x = Number.parseFloat('1');", 'shared/contracts', 'no floats'],
  ['export const x = (n: number) => n.toFixed(2);', 'functions/report-payouts', 'no floats'],
  ['export const x = (amountMinor: bigint) => Number(amountMinor) * 2;', 'functions/report-payouts', 'no floats'],
  ['export const x = (row: { charge: string }) => Number(row.charge);', 'functions/report-payouts', 'no floats'],
  ['export const x = (amount: string) => Number.parseInt(amount, 10);', 'shared/adapters/s3', 'no floats'],
  ['export const x = (commission: number) => Math.round(commission);', 'shared/use-cases', 'no floats'],
  ['export const x = (total: bigint) => Number(total);', 'shared/domain/billing', 'Everything here is money'],
  ['export const x = (total: number) => Math.floor(total);', 'shared/domain/ledger', 'Everything here is money'],
  ['export const x = (hash: number) => Math.imul(hash, 31);', 'shared/domain/ledger', undefined],
];

const everything = [...dependencyRule, ...purityRule, ...moneyRule];
const fileOf = (index: number, [, folder]: Case): string => `${folder}/case-${index}.ts`;

describe('the lint rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lint-rules-'));
  let findings: Map<string, string[]>;

  beforeAll(() => {
    for (const part of ['biome.json', 'lint', '.gitignore'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    for (const [index, example] of everything.entries()) {
      const path = join(folder, fileOf(index, example));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${example[0]}\n`);
    }
    findings = lint(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(everything.map((example, index) => [fileOf(index, example), ...example] as const))(
    '%s: %s',
    (file, _code, _folder, finding) => {
      const found = findings.get(file) ?? [];
      if (finding === undefined) expect(found).toEqual([]);
      else expect(found).toContainEqual(expect.stringContaining(finding));
    },
  );
});

/** The messages of all errors, by file. */
function lint(folder: string): Map<string, string[]> {
  const { stdout } = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    ['lint', '--reporter=json', '--max-diagnostics=none'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  const report = JSON.parse(stdout) as {
    diagnostics: { severity: string; message: string; location: { path: string } }[];
  };
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  return new Map(
    Object.entries(Object.groupBy(errors, ({ location }) => location.path)).map(([path, found = []]) => [
      path,
      found.map(({ message }) => message),
    ]),
  );
}
