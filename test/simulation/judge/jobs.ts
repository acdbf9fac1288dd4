import type { Job, Stage } from '../actors/actor.ts';
import type { Books } from './books.ts';

type Item = Readonly<Record<string, unknown>>;

interface Result {
  readonly line: number;
  readonly leadId?: string;
  readonly outcome: string;
}

/** Every accepted job is done, each of its lines has come to something once, and what a line is said to have come to holds. */
export function judgeJobs({ world: { engine }, jobs }: Stage, { leads }: Books): string | undefined {
  const items = Map.groupBy(engine.itemsOf('Imports'), (item) => item['pk'] as string);
  for (const [jobId, job] of jobs) {
    const fault = jobFault(job, items.get(jobId) ?? [], leads);
    if (fault !== undefined) return `${jobId} ${fault}`;
  }
  return undefined;
}

function jobFault({ kind, lines }: Job, items: readonly Item[], leads: Books['leads']): string | undefined {
  const meta = items.find(({ sk }) => sk === 'META');
  if (meta === undefined) return 'was accepted and is not there';
  if (meta['doneAt'] === undefined) return 'is never done';
  const done = items.filter(({ sk }) => (sk as string).startsWith('DONE#'));
  if (kind === 'import') {
    const rows = done.reduce((sum, item) => sum + importedRows(item), meta['refusedRows'] as number);
    return rows === lines.length ? undefined : `has ${lines.length} lines, of which ${rows} have come to something`;
  }
  const results = items
    .filter(({ sk }) => (sk as string).startsWith('RESULTS#'))
    .flatMap(({ results }) => results as Result[]);
  if (results.length !== lines.length) return `has ${lines.length} lines and ${results.length} results`;
  const broken = results.find(
    ({ leadId, outcome }) =>
      outcome !== 'refused' && leads.get(leadId ?? '')?.history.some(({ status }) => status === outcome) !== true,
  );
  return broken && `says of its line ${broken.line} that ${broken.leadId} was ${broken.outcome}, and it never was`;
}

const importedRows = (item: Item): number => {
  const verdicts = Object.values(item['verdicts'] as Readonly<Record<string, number>>);
  return verdicts.reduce((sum, verdict) => sum + verdict, (item['clicks'] as number) + (item['failedRows'] as number));
};
