/** One page of a list. */
export interface ListPage<Entity> {
  readonly items: readonly Entity[];
  /** Hands on to the next page; undefined at the end. */
  readonly position?: string | undefined;
}
