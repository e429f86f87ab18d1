import { OPERATORS, type Operator } from './condition-operators.ts';
import { type PolicyText, readPolicyText } from './policy-variables.ts';
import type { RequestContext } from './request-context.ts';

type Scalar = string | number | boolean;
/** Operator → condition key → wanted value or values. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, Scalar | readonly Scalar[]>>>>;

/**
 * Whether the conditions of a statement hold. `unknown` carries the keys that nobody here can judge and on which it hangs:
 * an Allow is then not given, a Deny is.
 */
export type ConditionVerdict = 'holds' | 'fails' | { readonly unknownKeys: readonly string[] };

export type CompiledConditions = (context: RequestContext) => ConditionVerdict;

const OPERATOR_TEXT = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/;

export function isConditionOperator(text: string): boolean {
  const [, , name, ifExists] = OPERATOR_TEXT.exec(text) ?? [];
  return name !== undefined && (OPERATORS.has(name) || (name === 'Null' && ifExists === undefined));
}

interface Test {
  /** As the policy writes it. */
  readonly key: string;
  readonly lowerCaseKey: string;
  /** Keys of policy variables in the wanted values. */
  readonly variables: readonly string[];
  readonly holds: (actual: string | readonly string[] | undefined, context: RequestContext) => boolean;
}

/** Every operator must hold for every key. An operator that AWS does not have holds for nothing. */
export function compileConditions(conditions: ConditionBlock, hasVariables: boolean): CompiledConditions {
  const tests = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => compileTest(operator, key, wanted, hasVariables)),
  );
  return (context) => {
    const unknownKeys: string[] = [];
    for (const { key, lowerCaseKey, variables, holds } of tests) {
      const unjudged = [
        ...(context.knows(lowerCaseKey) ? [] : [key]),
        ...variables.filter((name) => !context.knows(name)),
      ];
      if (unjudged.length > 0) unknownKeys.push(...unjudged);
      else if (!holds(context.get(lowerCaseKey), context)) return 'fails';
    }
    return unknownKeys.length > 0 ? { unknownKeys } : 'holds';
  };
}

function compileTest(text: string, key: string, value: Scalar | readonly Scalar[], hasVariables: boolean): Test {
  const [, quantifier, name, ifExists] = OPERATOR_TEXT.exec(text) ?? [];
  const operator = OPERATORS.get(name ?? '');
  const wanted = (Array.isArray(value) ? value : [value]).map(String);
  const texts = wanted.map((each) => readPolicyText(each, hasVariables && operator?.hasVariables === true));
  return {
    key,
    lowerCaseKey: key.toLowerCase(),
    variables: texts.flatMap(({ variables }) => variables),
    holds:
      name === 'Null'
        ? (actual) => wanted.some((each) => each.toLowerCase() === String(actual === undefined))
        : operator === undefined
          ? () => false
          : (actual, context) =>
              compare(operator, texts, { quantifier, ifExists: ifExists !== undefined }, actual, context),
  };
}

interface Modifiers {
  readonly quantifier: string | undefined;
  readonly ifExists: boolean;
}

function compare(
  { compare: matches, negated }: Operator,
  wanted: readonly PolicyText[],
  { quantifier, ifExists }: Modifiers,
  actual: string | readonly string[] | undefined,
  context: RequestContext,
): boolean {
  const present = actual === undefined ? [] : typeof actual === 'string' ? [actual] : actual;
  if (present.length === 0) {
    if (ifExists || quantifier === 'ForAllValues') return true;
    return quantifier !== 'ForAnyValue' && negated;
  }
  const one = (value: string) => wanted.some((candidate) => matches(value, candidate, context)) !== negated;
  return quantifier === 'ForAnyValue' ? present.some(one) : present.every(one);
}
