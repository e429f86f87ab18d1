export interface Timed<T> {
  readonly atMs: number;
  readonly value: T;
}

/** Values by time, the earliest first: a binary heap. */
export class TimeHeap<T> {
  readonly #items: Timed<T>[] = [];

  get first(): Timed<T> | undefined {
    return this.#items[0];
  }

  get size(): number {
    return this.#items.length;
  }

  add(atMs: number, value: T): void {
    const items = this.#items;
    const item = { atMs, value };
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]!.atMs <= atMs) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  /** Takes the first out. There must be one. */
  take(): Timed<T> {
    const items = this.#items;
    const first = items[0]!;
    const last = items.pop()!;
    if (items.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]!.atMs < items[child]!.atMs) child += 1;
      if (items[child]!.atMs >= last.atMs) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return first;
  }
}
