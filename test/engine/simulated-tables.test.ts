import { expect, it } from 'vitest';
import { tableSchemas } from '../simulation/engine/schema.ts';
import { TABLES } from '../simulation/tables.ts';
import { useEngines } from '../support/engines.ts';

const { env, model } = await useEngines({ applyEnv: false });

/** The same, whatever order its parts are told in. */
const inOrder = (tables: ReturnType<typeof tableSchemas>) =>
  tables
    .map((table) => ({
      ...table,
      indexes: table.indexes.map((index) => ({
        ...index,
        attributes: index.attributes && [...index.attributes].sort(),
      })),
    }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));

it('are those of the template', () => {
  const nameOf = new Map(
    TABLES.map(({ name }) => [(env as unknown as Record<string, string>)[`${name.toUpperCase()}_TABLE_NAME`], name]),
  );
  const deployed = tableSchemas(model.tables).map((table) => ({
    ...table,
    name: nameOf.get(table.name) ?? table.name,
  }));
  expect(inOrder(TABLES)).toEqual(inOrder(deployed));
});
