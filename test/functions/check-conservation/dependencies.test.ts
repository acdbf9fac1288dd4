import { expect, it, vi } from 'vitest';
import { useEngines } from '../../support/engines.ts';

await useEngines();
const { createDependencies } = await import('../../../functions/check-conservation/dependencies.ts');

it('counts differences in the metric that the alarm watches', () => {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const lost = { against: 'queues', counted: 1, found: 0 } as const;
  createDependencies().onDifferences([lost, { ...lost, against: 'dead_letters' }]);
  expect(written.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ ConservationDifference: 2 }),
  );
});

it('finds the real queues', async () => {
  expect(await createDependencies().queueDepths()).toEqual({ waiting: 0, deadLetters: 0 });
});
