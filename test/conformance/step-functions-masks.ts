/**
 * Equality with a recording in which times, ids and names were masked (see the corpus's README): `<…>`, the names of the case's own
 * replacements and some fixed words stand for anything.
 */
export interface Masks {
  readonly words: ReadonlySet<string>;
  readonly parts: readonly string[];
}

const FIXED_WORDS = [
  'timestamp',
  'date',
  'snf_role_arn',
  'start-date',
  'stop-date',
  'start-time',
  'entered-time',
  'iso-date',
];

export interface MaskedCase {
  readonly replacements: readonly (readonly [string, string])[] | null;
  readonly jsonpathReplacements: readonly (readonly [string, string])[] | null;
}

export function masksOf(one: MaskedCase): Masks {
  const names = (one.replacements ?? [])
    .map(([, name]) => name)
    .filter((name) => name.length > 2 && !name.includes('<'));
  const words = new Set([...FIXED_WORDS, ...names, ...(one.jsonpathReplacements ?? []).map(([, name]) => name)]);
  return { words, parts: [...new Set(names)] };
}

/** Where `actual` differs from what was recorded, as a path and both values; undefined when nowhere. */
export function difference(expected: unknown, actual: unknown, masks: Masks, path = ''): string | undefined {
  if (typeof expected === 'string') return stringDifference(expected, actual, masks, path);
  const given = parsed(actual);
  if (Array.isArray(expected)) {
    if (!Array.isArray(given) || given.length !== expected.length) return unlike(path, expected, actual);
    return first(expected.map((item, index) => () => difference(item, given[index], masks, `${path}[${index}]`)));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return unlike(path, expected, actual);
    const names = new Set([...Object.keys(expected), ...Object.keys(given)]);
    // Recordings older than 2023-11 have no RedriveCount in the context object.
    if (!('RedriveCount' in expected) && 'RedriveCount' in given && 'RoleArn' in given) names.delete('RedriveCount');
    return first(
      [...names].map((name) => () => {
        const wanted = (expected as Record<string, unknown>)[name];
        const got = (given as Record<string, unknown>)[name];
        if (wanted === undefined || got === undefined) return unlike(`${path}.${name}`, wanted, got);
        return difference(wanted, got, masks, `${path}.${name}`);
      }),
    );
  }
  return expected === given ? undefined : unlike(path, expected, actual);
}

function stringDifference(expected: string, actual: unknown, masks: Masks, path: string): string | undefined {
  if (masks.words.has(expected) || /^<(?:[^<>]|<[^<>]*>)*>$/.test(expected)) return undefined;
  const inner = /^"(.*)"$/s.exec(expected)?.[1];
  if (inner !== undefined && masks.words.has(inner)) return undefined;
  if (typeof actual !== 'string') {
    const wanted = parsed(expected);
    if (wanted !== expected) return difference(wanted, actual, masks, path);
    return unlike(path, expected, actual);
  }
  if (expected === actual) return undefined;
  const [left, right] = [parsed(expected), parsed(actual)];
  if (left !== expected && right !== actual) return difference(left, right, masks, path);
  return maskedPattern(expected, masks).test(actual.replace(/\s/g, '')) ? undefined : unlike(path, expected, actual);
}

function maskedPattern(expected: string, masks: Masks): RegExp {
  let pattern = expected.replace(/\s/g, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  for (const part of masks.parts) pattern = pattern.replaceAll(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), '<>');
  return new RegExp(`^${pattern.replace(/<[^<>]*>/g, '.*')}$`, 's');
}

/** The recorder parsed every string that begins like JSON. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const first = (checks: readonly (() => string | undefined)[]): string | undefined => {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
};

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 300);
const unlike = (path: string, expected: unknown, actual: unknown): string =>
  `${path || '.'}: expected ${shown(expected)}, got ${shown(actual)}`;
