import { compileElement } from './compile-value.ts';
import { JsonTokens } from './json-tokens.ts';
import { PatternProblem } from './pattern-problem.ts';
import type { ValuePattern } from './value-pattern.ts';
import { wildcardComplexity } from './wildcard.ts';

/** Path of names, joined by dots → what the field may be. All fields have to match. */
export type Conjunction = ReadonlyMap<string, readonly ValuePattern[]>;

/** One of the conjunctions has to match: `$or` multiplies them out. */
export type CompiledPattern = readonly Conjunction[];

/** Names that `$or` would make ambiguous. Source: aws/event-ruler, Constants. */
const RESERVED_INSIDE_OR = new Set(
  (
    'exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard not-equals-ignore-case ' +
    'date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range ip-address-not-in-range'
  ).split(' '),
);

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html: `$or` is bounded to this many combinations. */
const MOST_COMBINATIONS = 1000;

/**
 * EventBridge's own bound is not published; this one lies between the patterns that AWS was recorded accepting and refusing.
 */
const MOST_WILDCARD_STATES = 12;

/** Throws PatternProblem or JsonSyntaxError at the first mistake. */
export function compile(patternText: string): CompiledPattern {
  const tokens = new JsonTokens(patternText);
  if (tokens.next() !== 'start-object') throw new PatternProblem('Filter is not an object', tokens.offset);
  const conjunctions = compileObject(tokens, [], '', false);
  refuseComplexWildcards(conjunctions);
  return conjunctions;
}

type Building = readonly Map<string, readonly ValuePattern[]>[];

const refuse = (tokens: JsonTokens, message: string): PatternProblem => new PatternProblem(message, tokens.offset);

function compileObject(tokens: JsonTokens, before: Building, prefix: string, insideOr: boolean): Building {
  let building = before;
  let empty = true;
  while (tokens.next() !== 'end-object') {
    empty = false;
    const name = tokens.text;
    if (name === '$or') {
      building = compileOr(tokens, building, prefix);
      continue;
    }
    if (insideOr && RESERVED_INSIDE_OR.has(name)) {
      throw refuse(tokens, `${name} is Ruler reserved fieldName which cannot be used inside $or.`);
    }
    tokens.next();
    if (tokens.type === 'start-object') building = compileObject(tokens, building, `${prefix}${name}.`, insideOr);
    else if (tokens.type === 'start-array') building = compileField(tokens, building, prefix + name);
    else throw refuse(tokens, `"${name}" must be an object or an array`);
  }
  if (empty) throw refuse(tokens, 'Empty objects are not allowed');
  return building;
}

function compileOr(tokens: JsonTokens, before: Building, prefix: string): Building {
  if (tokens.next() !== 'start-array') throw refuse(tokens, 'It must be an Array followed with $or.');
  const alternatives: Map<string, readonly ValuePattern[]>[] = [];
  let count = 0;
  while (tokens.next() !== 'end-array') {
    count++;
    if (tokens.type !== 'start-object') {
      throw refuse(tokens, 'Only JSON object is allowed in array of $or relationship.');
    }
    const base = before.length === 0 ? [new Map()] : before.map((conjunction) => new Map(conjunction));
    alternatives.push(...compileObject(tokens, base, prefix, true));
    if (alternatives.length > MOST_COMBINATIONS) {
      throw refuse(tokens, `Rule is too complex - $or gives more than ${MOST_COMBINATIONS} combinations`);
    }
  }
  if (count < 2) throw refuse(tokens, 'There must have at least 2 Objects in $or relationship.');
  return alternatives;
}

function compileField(tokens: JsonTokens, before: Building, path: string): Building {
  const values: ValuePattern[] = [];
  while (tokens.next() !== 'end-array') values.push(...compileElement(tokens));
  if (values.length === 0) throw refuse(tokens, 'Empty arrays are not allowed');
  const building = before.length === 0 ? [new Map()] : before;
  // A path that is there twice takes the later patterns.
  for (const conjunction of building) conjunction.set(path, values);
  return building;
}

function refuseComplexWildcards(conjunctions: CompiledPattern): void {
  for (const values of new Set(conjunctions.flatMap((conjunction) => [...conjunction.values()]))) {
    for (const value of values.flatMap((pattern) => (pattern.type === 'none-of' ? pattern.patterns : [pattern]))) {
      if (value.type !== 'wildcard') continue;
      if (wildcardComplexity(value.parts, MOST_WILDCARD_STATES) < MOST_WILDCARD_STATES) continue;
      throw new PatternProblem(
        'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
      );
    }
  }
}
