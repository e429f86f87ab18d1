/** The operators of event patterns, each with a pattern that uses it, an event that matches and one that does not. */
export const PATTERN_OPERATORS: readonly {
  readonly name: string;
  readonly pattern: unknown;
  readonly matches: unknown;
  readonly differs: unknown;
}[] = [
  { name: 'exact values', pattern: { a: ['x', 1, true, null] }, matches: { a: 'x' }, differs: { a: 'y' } },
  { name: 'prefix', pattern: { a: [{ prefix: 'x' }] }, matches: { a: 'xy' }, differs: { a: 'yx' } },
  {
    name: 'prefix + equals-ignore-case',
    pattern: { a: [{ prefix: { 'equals-ignore-case': 'X' } }] },
    matches: { a: 'xy' },
    differs: { a: 'yx' },
  },
  { name: 'suffix', pattern: { a: [{ suffix: 'x' }] }, matches: { a: 'yx' }, differs: { a: 'xy' } },
  {
    name: 'suffix + equals-ignore-case',
    pattern: { a: [{ suffix: { 'equals-ignore-case': 'X' } }] },
    matches: { a: 'yx' },
    differs: { a: 'xy' },
  },
  {
    name: 'equals-ignore-case',
    pattern: { a: [{ 'equals-ignore-case': 'X' }] },
    matches: { a: 'x' },
    differs: { a: 'y' },
  },
  { name: 'wildcard', pattern: { a: [{ wildcard: 'x*z' }] }, matches: { a: 'xyz' }, differs: { a: 'xy' } },
  { name: 'anything-but', pattern: { a: [{ 'anything-but': ['x'] }] }, matches: { a: 'y' }, differs: { a: 'x' } },
  ...(['prefix', 'suffix', 'equals-ignore-case', 'wildcard'] as const).map((operator) => ({
    name: `anything-but + ${operator}`,
    pattern: { a: [{ 'anything-but': { [operator]: 'x' } }] },
    matches: { a: 'y' },
    differs: { a: 'x' },
  })),
  { name: 'numeric', pattern: { a: [{ numeric: ['>', 1, '<=', 3] }] }, matches: { a: 2 }, differs: { a: 4 } },
  { name: 'cidr', pattern: { a: [{ cidr: '10.0.0.0/8' }] }, matches: { a: '10.1.2.3' }, differs: { a: '11.1.2.3' } },
  { name: 'exists', pattern: { a: [{ exists: false }] }, matches: { b: 1 }, differs: { a: 1 } },
  { name: '$or', pattern: { $or: [{ a: ['x'] }, { b: ['x'] }] }, matches: { b: 'x' }, differs: { b: 'y' } },
];
