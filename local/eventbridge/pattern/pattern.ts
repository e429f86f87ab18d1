import { AwsError } from '../../aws-error.ts';
import { type CompiledPattern, type Conjunction, compile } from './compile-pattern.ts';
import { type ArrayMembership, type EventFields, mergeMembership, readEventFields } from './event-fields.ts';
import { describeLocation, JsonSyntaxError } from './json-tokens.ts';
import { PatternProblem } from './pattern-problem.ts';
import { matchesValue, type ValuePattern } from './value-pattern.ts';

export type { CompiledPattern } from './compile-pattern.ts';

/**
 * Reads an event pattern. Throws InvalidEventPatternException with AWS's reason.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function compilePattern(patternText: string): CompiledPattern {
  try {
    return compile(patternText);
  } catch (error) {
    if (!(error instanceof PatternProblem || error instanceof JsonSyntaxError)) throw error;
    const place = error.offset === undefined ? '' : `\n at ${describeLocation(patternText, error.offset)}`;
    throw new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${error.message}${place}`);
  }
}

/** Does the event (JSON text) match? Throws when the text is no JSON object. */
export const matchesPattern = (pattern: CompiledPattern, eventText: string): boolean =>
  matchesFields(pattern, readEventFields(eventText));

const matchesFields = (pattern: CompiledPattern, fields: EventFields): boolean =>
  pattern.some((conjunction) => matchesConjunction(conjunction, fields));

/**
 * All fields have to match, and what they match has to be consistent: from the same element wherever they look into the same array of objects.
 * Every consistent choice so far is carried along, so that no order of elements hides a match.
 */
export function matchesConjunction(conjunction: Conjunction, fields: EventFields): boolean {
  let choices: readonly ArrayMembership[] = [new Map()];
  for (const path of [...conjunction.keys()].sort()) {
    const patterns = conjunction.get(path) as readonly ValuePattern[];
    const values = fields.get(path) ?? [];
    const next = new Map<string, ArrayMembership>();
    for (const soFar of choices) {
      let present = false;
      for (const { value, membership } of values) {
        const merged = mergeMembership(soFar, membership);
        if (!merged) continue;
        present = true;
        if (patterns.some((pattern) => matchesValue(pattern, value))) next.set(membershipKey(merged), merged);
      }
      if (!present && patterns.some(({ type }) => type === 'absent')) next.set(membershipKey(soFar), soFar);
    }
    if (next.size === 0) return false;
    choices = [...next.values()];
  }
  return true;
}

const membershipKey = (membership: ArrayMembership): string => [...membership].sort(([a], [b]) => a - b).join(';');
