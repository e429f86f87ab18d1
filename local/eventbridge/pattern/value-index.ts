import type { CaseForms } from './ignore-case.ts';
import { contains, type IpRange } from './ip-address.ts';
import { inRange, ipOf, matchesValue, type NumericRange, numberOf, type ValuePattern } from './value-pattern.ts';

/** A pattern that has to be looked at one by one, and where it leads. */
interface Checked<T, P = ValuePattern> {
  readonly pattern: P;
  readonly to: T;
}

/** What many patterns of one field say about a value, found by the value rather than by asking each pattern. */
export class ValueIndex<T> {
  readonly #exact = new Map<string, T[]>();
  readonly #numbers = new Map<number, T[]>();
  readonly #ranges: Checked<T, NumericRange>[] = [];
  readonly #ips: Checked<T, IpRange>[] = [];
  readonly #prefixes = new AffixIndex<Checked<T>>('prefix');
  readonly #suffixes = new AffixIndex<Checked<T>>('suffix');
  readonly #infixes = new AffixIndex<Checked<T>>('infix');
  readonly #upperCase = new Map<string, T[]>();
  readonly #always: T[] = [];
  readonly #others: Checked<T>[] = [];

  /** `absent` is not for values: it is left out. */
  add(pattern: ValuePattern, to: T): void {
    switch (pattern.type) {
      case 'exact':
        append(this.#exact, pattern.text, to);
        return;
      case 'numeric-equals':
        append(this.#numbers, pattern.value, to);
        return;
      case 'numeric-range':
        this.#ranges.push({ pattern, to });
        return;
      case 'ip':
        this.#ips.push({ pattern: pattern.range, to });
        return;
      case 'prefix':
        this.#prefixes.add(pattern.text, { pattern, to });
        return;
      case 'suffix':
        this.#suffixes.add(pattern.text, { pattern, to });
        return;
      case 'wildcard': {
        // Found by its longest part. One for the whole value is a prefix, too: it is checked in full.
        const [first = '', ...middle] = pattern.parts;
        const last = middle.pop() ?? '';
        const longest = middle.reduce((one, other) => (other.length > one.length ? other : one), '');
        const most = Math.max(first.length, last.length, longest.length);
        if (first.length === most) this.#prefixes.add(first, { pattern, to });
        else if (last.length === most) this.#suffixes.add(last, { pattern, to });
        else this.#infixes.add(longest, { pattern, to });
        return;
      }
      case 'equals-ignore-case': {
        const upperCase = asciiUpperCase(pattern.forms);
        if (upperCase === undefined) this.#others.push({ pattern, to });
        else append(this.#upperCase, upperCase, to);
        return;
      }
      case 'exists':
        this.#always.push(to);
        return;
      case 'absent':
        return;
      default:
        this.#others.push({ pattern, to });
    }
  }

  /** Appends to `found` where the patterns that match the value lead; one place can come more than once. */
  find(value: string, found: T[]): void {
    pushAll(found, this.#exact.get(value));
    pushAll(found, this.#always);
    if (this.#numbers.size > 0 || this.#ranges.length > 0) {
      const number = numberOf(value);
      if (number !== undefined) {
        pushAll(found, this.#numbers.get(number));
        for (const { pattern, to } of this.#ranges) if (inRange(pattern, number)) found.push(to);
      }
    }
    if (this.#ips.length > 0) {
      const ip = ipOf(value);
      if (ip) for (const { pattern, to } of this.#ips) if (contains(pattern, ip)) found.push(to);
    }
    for (const affixes of [this.#prefixes, this.#suffixes, this.#infixes]) {
      for (const checked of affixes.find(value)) take(checked, value, found);
    }
    // Only ASCII patterns are here. Some other letters have ASCII ones as their upper case (ſ is S): those are no match.
    if (this.#upperCase.size > 0 && isAscii(value)) pushAll(found, this.#upperCase.get(value.toUpperCase()));
    for (const checked of this.#others) take(checked, value, found);
  }
}

/** Texts by their length, so that a value is looked up once for each length that occurs. */
class AffixIndex<T> {
  readonly #side: 'prefix' | 'suffix' | 'infix';
  readonly #byLength: { readonly length: number; readonly byText: Map<string, T[]> }[] = [];

  constructor(side: 'prefix' | 'suffix' | 'infix') {
    this.#side = side;
  }

  add(text: string, entry: T): void {
    let group = this.#byLength.find(({ length }) => length === text.length);
    if (!group) {
      group = { length: text.length, byText: new Map() };
      this.#byLength.push(group);
    }
    append(group.byText, text, entry);
  }

  *find(value: string): Iterable<T> {
    for (const { length, byText } of this.#byLength) {
      const rest = value.length - length;
      const from = this.#side === 'suffix' ? Math.max(rest, 0) : 0;
      const to = this.#side === 'prefix' ? Math.min(rest, 0) : rest;
      for (let at = from; at <= to; at++) {
        const entries = byText.get(value.slice(at, at + length));
        if (entries) yield* entries;
      }
    }
  }
}

function take<T>({ pattern, to }: Checked<T>, value: string, found: T[]): void {
  if (matchesValue(pattern, value)) found.push(to);
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

function pushAll<T>(found: T[], more: readonly T[] | undefined): void {
  if (more) for (const one of more) found.push(one);
}

/** Undefined unless all forms are ASCII: only then have all texts that match one upper case. */
function asciiUpperCase(forms: CaseForms): string | undefined {
  const upperCase = forms.map((choices) => choices.at(-1) ?? '').join('');
  return forms.every((choices) => choices.every(isAscii)) ? upperCase : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);
