import { expect, it } from 'vitest';
import { listMessages } from '../../../functions/manage-endpoints/list-messages.ts';
import type { LoggedMessage } from '../../../shared/ports/endpoints.ts';
import { NOW } from '../../support/builders.ts';
import { ENDPOINT_ID, endpoint } from '../../support/endpoints.ts';

/** The parts of messages with so many each, the newest message and its last part first. */
const logged = (parts: readonly number[]): LoggedMessage[] =>
  parts.flatMap((count, index) =>
    Array.from({ length: count }, (_, at) => ({
      endpointId: ENDPOINT_ID,
      messageId: `msg_${(9999 - index).toString()}`,
      part: count - 1 - at,
      receivedAt: NOW,
      method: 'POST',
      outcome: 'results' as const,
      answered: 200,
      told: [],
    })),
  );

/** Every page of a log, as it is told. */
async function pagesOf(all: readonly LoggedMessage[], limit: number) {
  const log = {
    list: async (_endpointId: string, most: number, after = '0') => {
      const end = Number(after) + most;
      return { items: all.slice(Number(after), end), position: end < all.length ? `${end}` : undefined };
    },
  };
  const pages: { messageId: string; part: number }[][] = [];
  let cursor: string | undefined;
  do {
    const { body = '' } = await listMessages(log, endpoint(), { limit, cursor });
    const page = JSON.parse(body);
    pages.push(page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

const once = (count: number) => Array.from({ length: count }, () => 1);
const shown = ({ messageId, part }: { messageId: string; part: number }) => `${messageId} ${part}`;

it.each([
  ['all of a few', once(3), 3],
  ['a thousand of a thousand', once(1000), 1000],
  ['a thousand of more', once(1005), 1000],
  ['a message that tells much as the one that it is', [100, ...once(1005)], 100 + 999],
  ['all parts of the last one', [...once(999), 3, 1], 999 + 3],
  ['all parts of the last one, as far as there are', [...once(999), 3], 999 + 3],
])('tells %s, whatever the pages', async (_what, parts, told) => {
  const all = logged(parts);
  for (const limit of [7, 100]) {
    const pages = await pagesOf(all, limit);
    expect(pages.flat().map(shown)).toEqual(all.slice(0, told).map(shown));
    expect(pages.at(-1)).not.toEqual([]);
  }
});
