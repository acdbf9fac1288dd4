import type { EntityStore } from '../../shared/ports/catalog-store.ts';
import type { ListPage } from '../../shared/ports/list-page.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpResult, json } from '../../shared/runtime/http.ts';

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Answers one page of what was set of an entity. */
export const listChanges = (
  entities: Pick<EntityStore<never, never>, 'changes'>,
  id: string,
  page: PageQuery,
): Promise<HttpResult> =>
  listPage(
    ['changes', id],
    page,
    (limit, after) => entities.changes(id, limit, after),
    (change) => change,
  );

/** Answers one page of a list. `scope` names the list, so that a cursor of another one is refused. Throws 400 on such a cursor. */
export async function listPage<Entity>(
  scope: readonly string[],
  { limit, cursor }: PageQuery,
  read: (limit: number, after: string | undefined) => Promise<ListPage<Entity>>,
  view: (entity: Entity) => unknown,
): Promise<HttpResult> {
  const page = await read(limit, cursor === undefined ? undefined : readCursor(scope, cursor));
  return json(200, {
    items: page.items.map(view),
    nextCursor: page.position === undefined ? null : makeCursor(scope, page.position),
  });
}
