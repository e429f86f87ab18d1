/**
 * The paths that generated machines use, evaluated with a regular expression and a loop: `$`, `$$`, `$name`, then `.name`, `['name']`,
 * `[0]`, `[-1]`, `[0:2]`, `[*]`, `..name` and `[?(@.name > 1)]`.
 */
export interface PathRoots {
  readonly input: unknown;
  readonly context: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The path leads nowhere. */
export class Nowhere extends Error {
  override readonly name = 'Nowhere';
}

const STEP =
  /\.\.(?<deep>\w+)|\.(?<name>\w+)|\['(?<quoted>[^']*)'\]|\[(?<index>-?\d+)\]|\[(?<from>\d*):(?<to>\d*)\]|\[(?<all>\*)\]|\[\?\(@\.(?<field>\w+) > (?<least>\d+)\)\]/y;

/** Throws Nowhere. */
export function read(path: string, roots: PathRoots): unknown {
  const [, start] = /^(\$\$|\$\w*)/.exec(path) as unknown as [string, string];
  let values: unknown[];
  if (start === '$') values = [roots.input];
  else if (start === '$$') values = [roots.context];
  else if (Object.hasOwn(roots.variables, start.slice(1))) values = [roots.variables[start.slice(1)]];
  else throw new Nowhere(path);
  let many = false;
  for (STEP.lastIndex = start.length; STEP.lastIndex < path.length; ) {
    const step = STEP.exec(path)?.groups;
    if (!step) throw new Error(`The oracle cannot read the path ${path}`);
    const single = step.name ?? step.quoted ?? step.index;
    if (single === undefined) many = true;
    values = values.flatMap((value) => take(value, step));
    if (!many && values.length === 0) throw new Nowhere(path);
  }
  return many ? values : values[0];
}

function take(value: unknown, step: Readonly<Record<string, string | undefined>>): unknown[] {
  const { deep, name = step.quoted, index, from, to, all, field, least } = step;
  if (deep !== undefined) return everywhere(value).flatMap((one) => take(one, { name: deep }));
  if (name !== undefined) return isRecord(value) && Object.hasOwn(value, name) ? [value[name]] : [];
  if (all !== undefined) return Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  if (!Array.isArray(value)) return [];
  if (index !== undefined) {
    const found = value.slice(Number(index))[0];
    return found === undefined || Number(index) < -value.length ? [] : [found];
  }
  if (field !== undefined) return value.filter((one) => isRecord(one) && (one[field] as number) > Number(least));
  return value.slice(from ? Number(from) : 0, to ? Number(to) : undefined);
}

const everywhere = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(everywhere)] : [];

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `value` at `$.name…` of a copy of `target`. Undefined where something on the way is no object. */
export function place(path: string, target: unknown, value: unknown): { readonly result: unknown } | undefined {
  const names = path.split('.').slice(1);
  const copy: unknown = structuredClone(target);
  if (names.length === 0) return { result: value };
  if (!isRecord(copy)) return undefined;
  let at = copy;
  for (const name of names.slice(0, -1)) {
    at[name] ??= {};
    if (!isRecord(at[name])) return undefined;
    at = at[name];
  }
  at[names.at(-1)!] = value;
  return { result: copy };
}
