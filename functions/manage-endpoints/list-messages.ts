import type { Endpoint, MessageLog } from '../../shared/ports/endpoints.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpResult, json } from '../../shared/runtime/http.ts';

/** How many messages are told in all: what is older is there until it is forgotten, and of no use to whoever sets up a sender. */
const MAX_TOLD = 1000;

/** Answers one page of what an endpoint was sent, newest first. Throws 400 on a cursor of another list. */
export async function listMessages(
  log: Pick<MessageLog, 'list'>,
  { endpointId }: Endpoint,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<HttpResult> {
  const scope = ['messages', endpointId];
  // How many were told so far, and the last of them.
  const [told = '0', after] = cursor === undefined ? [] : readCursor(scope, cursor).split(' ');
  const before = Number.parseInt(told, 10);
  const { items, position } = await log.list(endpointId, Math.min(limit, MAX_TOLD - before), after);
  const soFar = before + items.length;
  return json(200, {
    items: items.map(({ endpointId: _endpointId, ...message }) => message),
    nextCursor: position === undefined || soFar >= MAX_TOLD ? null : makeCursor(scope, `${soFar} ${position}`),
  });
}
