const SLICE = 16;

/** Works items off some at a time, each slice after the one before. Results are in the order of the items. */
export async function inSlices<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += SLICE) {
    const slice = items.slice(start, start + SLICE);
    results.push(...(await Promise.all(slice.map((item, offset) => work(item, start + offset)))));
  }
  return results;
}
