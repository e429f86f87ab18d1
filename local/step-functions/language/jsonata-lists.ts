import { isObject } from './jsonpath.ts';

type Comparator = (left: unknown, right: unknown) => Promise<unknown> | unknown;

/**
 * JSONata's `$distinct`, which in the package compares each item with each other: a list as long as a payload allows would hold up
 * the runtime for ten seconds, and no bound on an evaluation reaches into it.
 */
export function distinct(list: unknown): unknown {
  if (!Array.isArray(list) || list.length <= 1) return list;
  const seen = new Map<unknown, unknown>();
  for (const item of list) {
    const key =
      typeof item === 'object' && item !== null ? canonical(item) : typeof item === 'string' ? `"${item}` : item;
    if (!seen.has(key)) seen.set(key, item);
  }
  return [...seen.values()];
}

/** Equal for values that JSONata takes as equal: the order of members does not count. */
const canonical = (value: object): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );

/** JSONata's `$sort`, for the same reason. `comparator(left, right)`: whether left comes after right. */
export async function sort(list: unknown, comparator?: Comparator): Promise<unknown> {
  if (list === undefined) return undefined;
  const items: unknown[] = Array.isArray(list) ? Array.from(list) : [list];
  if (items.length <= 1) return items;
  if (comparator) return sortBy(items, comparator);
  if (items.every((item) => typeof item === 'number')) return items.sort((left, right) => left - right);
  if (items.every((item) => typeof item === 'string'))
    return items.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  // As the package throws it, which then finds the message.
  throw { code: 'D3070', stack: new Error('D3070').stack, index: 1 };
}

/** A stable merge sort: Array.sort cannot wait for a comparator that is an expression. */
async function sortBy(items: unknown[], isAfter: Comparator): Promise<unknown[]> {
  if (items.length <= 1) return items;
  const middle = items.length >> 1;
  const left = await sortBy(items.slice(0, middle), isAfter);
  const right = await sortBy(items.slice(middle), isAfter);
  const merged: unknown[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) merged.push((await isAfter(left[l], right[r])) ? right[r++] : left[l++]);
  return [...merged, ...left.slice(l), ...right.slice(r)];
}
