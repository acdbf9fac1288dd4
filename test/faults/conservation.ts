import { conservationReport } from '../../shared/contracts/conservation.ts';
import type { BenchNetwork } from '../bench/network.ts';
import type { Books, Days } from './books.ts';
import type { Told } from './sender.ts';

/** What is wrong with the conservation report of a network once its days were counted: nothing where every message is accounted for. */
export async function unaccounted(
  { api, advertiserId }: BenchNetwork,
  { from, to }: Days,
  { leads }: Books,
  told: readonly Told[],
): Promise<string[]> {
  const { totals, rows } = conservationReport.parse(
    await api.expect('GET', `/v1/reports/conservation?from=${from}&to=${to}&advertiserId=${advertiserId}`),
  );
  const found = rows.flatMap(({ differences }) => differences.map((difference) => JSON.stringify(difference)));
  const expectCount = (what: string, counted: number, wanted: number): void => {
    if (counted !== wanted) found.push(`${what} in the conservation report: ${counted}, not ${wanted}`);
  };
  for (const status of ['confirmed', 'pending'] as const)
    expectCount(`${status} leads`, totals[status], leads.filter((lead) => lead.status === status).length);
  expectCount('messages that wait', totals.queued + totals.deadLettered, 0);
  expectCount('messages that are lost', totals.difference, 0);
  // What was sent and not answered may have been received too.
  const acknowledged = new Set(told.map(({ receiptId }) => receiptId)).size;
  if (totals.received < acknowledged)
    found.push(
      `${acknowledged} messages were acknowledged, and ${totals.received} received by the conservation report`,
    );
  return found;
}
