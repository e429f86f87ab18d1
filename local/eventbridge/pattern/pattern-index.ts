import { readEventFields } from './event-fields.ts';
import { EventScanner } from './event-scanner.ts';
import { type CompiledPattern, matchesConjunction } from './pattern.ts';
import { ValueIndex } from './value-index.ts';
import type { ValuePattern } from './value-pattern.ts';

type Conjunction = CompiledPattern[number];

/** A place in the tree of what is still asked of an event. */
interface Place {
  /** One for each field that is asked for here. */
  readonly steps: Step[];
  /** The conjunctions that have nothing more to ask. */
  readonly ends: { readonly entry: number; readonly conjunction: Conjunction }[];
  /** The event that came by last, so that one event comes by once. */
  event: number;
}

interface Step {
  readonly path: number;
  readonly values: ValueIndex<Place>;
  /** Where an event goes on that does not have the field. */
  readonly absent: Place[];
  /** Equal patterns for the field lead to one place: what many rules have in common is asked once. */
  readonly byPatterns: Map<string, Place>;
}

const newPlace = (): Place => ({ steps: [], ends: [], event: 0 });

/**
 * Many patterns as one tree: an event is read once, only where some pattern looks, and its values lead to the patterns that want them. It agrees with
 * `matchesPattern` of each pattern on every event that is JSON.
 */
export class PatternIndex<T> {
  readonly #entries: readonly T[];
  readonly #matchedBy: Uint32Array;
  readonly #scanner = new EventScanner();
  readonly #root = newPlace();
  readonly #found: Place[] = [];
  #event = 0;

  constructor(patterns: readonly (readonly [pattern: CompiledPattern, entry: T])[]) {
    this.#entries = patterns.map(([, entry]) => entry);
    this.#matchedBy = new Uint32Array(patterns.length);
    const order = pathsByFrequency(patterns.flatMap(([pattern]) => pattern));
    patterns.forEach(([pattern], entry) => {
      for (const conjunction of pattern) this.#add(conjunction, entry, order);
    });
  }

  /** The entries whose patterns match, in the order in which they were given. Throws Error when the text is no JSON object. */
  match(eventText: string): readonly T[] {
    this.#scanner.scan(eventText);
    // The counter starts again before it outgrows the array; 0 is nobody.
    if (this.#event === 0xffffffff) throw new Error('A PatternIndex serves four thousand million events.');
    this.#event++;
    const ends: Place['ends'][] = [];
    this.#found.length = 0;
    this.#visit(this.#root, ends);
    if (ends.length === 0) return [];
    // What is asked of one element of an array is asked again, in full: the tree does not know elements.
    const fields = this.#scanner.sawElements ? readEventFields(eventText) : undefined;
    const matched: number[] = [];
    for (const { entry, conjunction } of ends.flat()) {
      if (this.#matchedBy[entry] === this.#event) continue;
      if (fields && !matchesConjunction(conjunction, fields)) continue;
      this.#matchedBy[entry] = this.#event;
      matched.push(entry);
    }
    return matched.sort((a, b) => a - b).map((entry) => this.#entries[entry] as T);
  }

  #visit(place: Place, ends: Place['ends'][]): void {
    if (place.event === this.#event) return;
    place.event = this.#event;
    if (place.ends.length > 0) ends.push(place.ends);
    for (const { path, values, absent } of place.steps) {
      const present = this.#scanner.valuesAt(path);
      // A field that one element has can be absent from another one.
      if (present.length === 0 || this.#scanner.sawElements) for (const next of absent) this.#visit(next, ends);
      const from = this.#found.length;
      for (const value of present) values.find(value, this.#found);
      for (let at = from; at < this.#found.length; at++) this.#visit(this.#found[at] as Place, ends);
      this.#found.length = from;
    }
  }

  #add(conjunction: Conjunction, entry: number, order: ReadonlyMap<string, number>): void {
    let place = this.#root;
    const paths = [...conjunction.keys()].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    for (const path of paths) place = this.#follow(place, path, conjunction.get(path) as readonly ValuePattern[]);
    place.ends.push({ entry, conjunction });
  }

  #follow(place: Place, path: string, patterns: readonly ValuePattern[]): Place {
    const number = this.#scanner.addPath(path);
    let step = place.steps.find((candidate) => candidate.path === number);
    if (!step) {
      step = { path: number, values: new ValueIndex(), absent: [], byPatterns: new Map() };
      place.steps.push(step);
    }
    const key = JSON.stringify(patterns, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    let next = step.byPatterns.get(key);
    if (!next) {
      next = newPlace();
      step.byPatterns.set(key, next);
      for (const pattern of patterns) step.values.add(pattern, next);
      if (patterns.some(({ type }) => type === 'absent')) step.absent.push(next);
    }
    return next;
  }
}

/** The place of each path in the order in which the tree asks: what most patterns ask comes first, so that they share it. */
function pathsByFrequency(conjunctions: readonly Conjunction[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const path of conjunctions.flatMap((conjunction) => [...conjunction.keys()])) {
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  const paths = [...counts].sort(([pathA, a], [pathB, b]) => b - a || (pathA < pathB ? -1 : 1));
  return new Map(paths.map(([path], place) => [path, place]));
}
