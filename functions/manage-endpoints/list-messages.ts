import type { Endpoint, MessageLog } from '../../shared/ports/endpoints.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpResult, json } from '../../shared/runtime/http.ts';

/** How many messages are told in all: what is older is there until it is forgotten, and of no use to whoever sets up a sender. */
const MAX_TOLD = 1000;

/** Answers one page of what an endpoint was sent, newest first: a message that tells much takes several items. Throws 400 on a cursor of another list. */
export async function listMessages(
  log: Pick<MessageLog, 'list'>,
  { endpointId }: Endpoint,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<HttpResult> {
  const scope = ['messages', endpointId];
  // How many were told so far, and which was the last of them.
  const [before = '0', lastBefore, after] = cursor === undefined ? [] : readCursor(scope, cursor).split(' ');
  let count = Number.parseInt(before, 10);
  let last = lastBefore;
  const { items, position } = await log.list(endpointId, limit, after);
  const told = items.filter(({ messageId }) => {
    if (messageId !== last) count += 1;
    last = messageId;
    return count <= MAX_TOLD;
  });
  // Of the last message, the first part comes last.
  const isLast = count > MAX_TOLD || (count === MAX_TOLD && told.at(-1)?.part === 0);
  return json(200, {
    items: told.map(({ endpointId: _endpointId, ...message }) => message),
    nextCursor: position === undefined || isLast ? null : makeCursor(scope, `${count} ${last} ${position}`),
  });
}
