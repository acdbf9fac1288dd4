/** Stands in for `lru-cache` in long simulations, which makes room for all items at once: here each instance of a function has caches of its own. */
export class LRUCache<Key, Value> {
  private readonly max: number;
  private readonly items = new Map<Key, Value>();

  constructor({ max }: { readonly max: number }) {
    this.max = max;
  }

  get(key: Key): Value | undefined {
    const value = this.items.get(key);
    if (value !== undefined && this.items.delete(key)) this.items.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.items.delete(key);
    this.items.set(key, value);
    if (this.items.size <= this.max) return;
    for (const oldest of this.items.keys()) {
      this.items.delete(oldest);
      return;
    }
  }
}
