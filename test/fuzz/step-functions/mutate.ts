import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { drop, nested, pick, type Spot, set, spotsOf } from '../spots.ts';
import { CALLS, EXPRESSIONS, NAMES, NUMBERS, PATHS, TEXTS } from './poison.ts';

function oddText(random: SeededRandom): string {
  switch (random.below(5)) {
    case 0:
      return pick(random, PATHS);
    case 1:
      return pick(random, CALLS);
    case 2:
      return `{% ${pick(random, EXPRESSIONS)} %}`;
    case 3:
      return pick(random, NAMES);
    default:
      return pick(random, TEXTS);
  }
}

function oddValue(random: SeededRandom): unknown {
  switch (random.below(9)) {
    case 0:
      return pick(random, NUMBERS);
    case 1:
      return pick<unknown>(random, [null, true, false, [], {}, [null], [[]], { '': {} }]);
    case 2:
      return nested(random, pick<unknown>(random, [1, {}, 'x']));
    case 3:
      return JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    case 4:
      return Array.from({ length: pick(random, [2, 50, 1001]) }, () => oddText(random).slice(0, 20));
    default:
      return oddText(random);
  }
}

/** The same kind of thing, and wrong: a path for a path, an expression for an expression. */
function twisted(random: SeededRandom, value: unknown): unknown {
  if (typeof value === 'number') return pick(random, NUMBERS);
  if (typeof value !== 'string') return oddValue(random);
  if (value.startsWith('{%')) return `{% ${pick(random, EXPRESSIONS)} %}`;
  if (value.startsWith('$')) return pick(random, PATHS);
  if (value.startsWith('States.')) return pick(random, CALLS);
  return oddText(random);
}

type Mutation = (random: SeededRandom, spot: Spot, spots: readonly Spot[], donors: readonly Spot[]) => void;

const twist: Mutation = (random, { holder, key }) => set(holder, key, twisted(random, holder[key]));

const MUTATIONS: readonly Mutation[] = [
  // dropped
  (_random, spot) => drop(spot),
  // retyped
  (random, { holder, key }) => set(holder, key, oddValue(random)),
  // of the same kind, and wrong: what gets furthest
  twist,
  twist,
  twist,
  twist,
  // renamed
  (random, { holder, key }) => {
    const value = holder[key];
    delete holder[key];
    set(holder, pick(random, [...NAMES, String(key).toLowerCase(), `${key}.$`, `${key}Path`, `${key}s`]), value);
  },
  // duplicated under another name
  (random, { holder, key }) => set(holder, pick(random, NAMES), structuredClone(holder[key])),
  // swapped
  (random, { holder, key }, spots) => {
    const other = pick(random, spots);
    const value = structuredClone(holder[key]);
    set(holder, key, structuredClone(other.holder[other.key]));
    set(other.holder, other.key, value);
  },
  // taken from another definition
  (random, { holder, key }, _spots, donors) => {
    const donor = pick(random, donors);
    set(holder, donor.key === 0 || Array.isArray(holder) ? key : donor.key, structuredClone(donor.holder[donor.key]));
  },
  // wrapped
  (random, { holder, key }) => set(holder, key, nested(random, holder[key])),
];

/** A copy of a value with so many things wrong in it. Never as deep as would stop this process from writing it down. */
export function mutated(random: SeededRandom, value: unknown, donor: unknown, times: number): unknown {
  const box = { value: structuredClone(value) };
  for (let time = 0; time < times; time++) {
    const spots = spotsOf(box);
    const donors = spotsOf({ donor });
    pick(random, MUTATIONS)(random, pick(random, spots), spots, donors);
    if (!('value' in box)) return null;
  }
  return box.value;
}

/** Text as a client could send it that makes its JSON by hand. */
export function mutatedText(random: SeededRandom, text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return `${text.slice(0, at)}${pick(random, TEXTS).slice(0, 1000)}${text.slice(at)}`;
    case 2:
      return `\ufeff${text}`;
    case 3:
      return text.replace('"States"', '"States":{},"States"');
    case 4:
      return text.replace(/"Type":"(\w+)"/, '"Type":"$1","Type":"Pass"');
    case 5:
      return text.replace(/\d+/, pick(random, ['1e999', '-1e999', '0.1e-999', '1E+05', '00', '9'.repeat(400)]));
    case 6:
      return `${text}${pick(random, [' ', '\u0000', '}', text])}`;
    default:
      return text.replace(/"(\w+)":/, '"\\u0000$1":');
  }
}

export const oddInput = oddValue;

/** JSON text nested deeper than a recursive writer can write. */
export const deepText = (random: SeededRandom): string => {
  const depth = pick(random, [500, 5_000, 60_000]);
  return random.below(2) === 0
    ? '['.repeat(depth) + ']'.repeat(depth)
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
};
