export interface Difference {
  /** `output.metrics.auc` */
  readonly place: string;
  /** Absent where nothing was expected there. */
  readonly expected?: unknown;
  /** Absent where there is nothing. */
  readonly actual?: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where two JSON values differ. With `partial`, members that only `actual` has are free. */
export function differences(
  expected: unknown,
  actual: unknown,
  { place, partial = false }: { readonly place: string; readonly partial?: boolean },
): Difference[] {
  const inner = (at: string) => ({ place: at, partial });
  if (isObject(expected) && isObject(actual)) {
    const names = partial ? Object.keys(expected) : [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return names.flatMap((name) => {
      const at = /^\w+$/.test(name) ? `${place}.${name}` : `${place}[${JSON.stringify(name)}]`;
      if (!Object.hasOwn(actual, name)) return [{ place: at, expected: expected[name] }];
      if (!Object.hasOwn(expected, name)) return [{ place: at, actual: actual[name] }];
      return differences(expected[name], actual[name], inner(at));
    });
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length)
    return expected.flatMap((item, index) => differences(item, actual[index], inner(`${place}[${index}]`)));
  if (JSON.stringify(expected) === JSON.stringify(actual)) return [];
  return [{ place, ...(expected !== undefined && { expected }), ...(actual !== undefined && { actual }) }];
}
