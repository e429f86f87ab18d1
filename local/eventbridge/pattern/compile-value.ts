import { comparableNumber } from './comparable-number.ts';
import { caseForms } from './ignore-case.ts';
import { parseCidr, parseIp } from './ip-address.ts';
import type { JsonTokens } from './json-tokens.ts';
import { PatternProblem } from './pattern-problem.ts';
import type { NumericRange, ValuePattern } from './value-pattern.ts';
import { parseWildcard } from './wildcard.ts';

const refuse = (tokens: JsonTokens, message: string): PatternProblem => new PatternProblem(message, tokens.offset);

/** The patterns of one element of a field's array; the token is the element's first. */
export function compileElement(tokens: JsonTokens): readonly ValuePattern[] {
  switch (tokens.type) {
    case 'start-object':
      return [compileMatchExpression(tokens)];
    case 'string': {
      // An address in a pattern is an address, however it is written in the event (2001:DB8:0:0::1 is 2001:db8::1).
      const ip = parseIp(tokens.text);
      if (ip) return [{ type: 'ip', range: { bits: ip.bits, low: ip.value, high: ip.value } }];
      return [exactString(tokens.text)];
    }
    case 'number': {
      const exact: ValuePattern = { type: 'exact', text: tokens.text };
      const value = comparableNumber(tokens.text);
      // A number that no double holds, such as a long account id, still matches as text.
      return value === undefined ? [exact] : [{ type: 'numeric-equals', value }, exact];
    }
    case 'true':
    case 'false':
    case 'null':
      return [{ type: 'exact', text: tokens.text }];
    default:
      throw refuse(tokens, 'Match value must be String, number, true, false, or null');
  }
}

const exactString = (text: string): ValuePattern => ({ type: 'exact', text: `"${text}"` });

function compileMatchExpression(tokens: JsonTokens): ValuePattern {
  if (tokens.next() !== 'field-name') throw refuse(tokens, 'Match expression name not found');
  switch (tokens.text) {
    case 'exactly':
      return closed(tokens, exactString(stringOperand(tokens, 'exact')));
    case 'prefix':
    case 'suffix':
      return compileAffix(tokens, tokens.text);
    case 'equals-ignore-case':
      return closed(tokens, ignoreCase(stringOperand(tokens, 'equals-ignore-case')));
    case 'wildcard':
      return closed(tokens, wildcard(tokens, stringOperand(tokens, 'wildcard')));
    case 'cidr': {
      // "prefix" is what EventBridge says here.
      const text = stringOperand(tokens, 'prefix');
      return closed(tokens, { type: 'ip', range: cidr(text) });
    }
    case 'exists':
      tokens.next();
      if (tokens.type !== 'true' && tokens.type !== 'false') {
        throw refuse(tokens, 'exists match pattern must be either true or false.');
      }
      return closed(tokens, { type: tokens.type === 'true' ? 'exists' : 'absent' });
    case 'numeric':
      return compileNumeric(tokens);
    case 'anything-but':
      return compileAnythingBut(tokens);
    default:
      throw refuse(tokens, `Unrecognized match type ${tokens.text}`);
  }
}

function stringOperand(tokens: JsonTokens, operator: string): string {
  if (tokens.next() !== 'string') throw refuse(tokens, `${operator} match pattern must be a string`);
  return tokens.text;
}

function closed(tokens: JsonTokens, pattern: ValuePattern): ValuePattern {
  if (tokens.next() !== 'end-object') throw refuse(tokens, 'Only one key allowed in match expression');
  return pattern;
}

const ignoreCase = (text: string): ValuePattern => ({ type: 'equals-ignore-case', forms: caseForms(`"${text}"`) });

function wildcard(tokens: JsonTokens, text: string): ValuePattern {
  try {
    const [first = '', ...rest] = parseWildcard(text);
    const last = rest.pop();
    const parts = last === undefined ? [`"${first}"`] : [`"${first}`, ...rest, `${last}"`];
    return { type: 'wildcard', parts };
  } catch (error) {
    throw refuse(tokens, (error as Error).message);
  }
}

function cidr(text: string) {
  try {
    return parseCidr(text);
  } catch (error) {
    throw new PatternProblem((error as Error).message);
  }
}

function compileAffix(tokens: JsonTokens, operator: 'prefix' | 'suffix'): ValuePattern {
  const quoted = (text: string) => (operator === 'prefix' ? `"${text}` : `${text}"`);
  if (tokens.next() !== 'start-object') {
    if (tokens.type !== 'string') throw refuse(tokens, `${operator} match pattern must be a string`);
    return closed(tokens, { type: operator, text: quoted(tokens.text) });
  }
  if (tokens.next() !== 'field-name') {
    throw refuse(tokens, `${operator === 'prefix' ? 'Prefix' : 'Suffix'} expression name not found`);
  }
  if (tokens.text !== 'equals-ignore-case') throw refuse(tokens, `Unsupported ${operator} pattern: ${tokens.text}`);
  const forms = caseForms(quoted(stringOperand(tokens, 'equals-ignore-case')));
  return closed(tokens, closed(tokens, { type: `${operator}-ignore-case`, forms }));
}

const TOO_MANY = 'Too many elements in numeric expression';

function compileNumeric(tokens: JsonTokens): ValuePattern {
  if (tokens.next() !== 'start-array') throw refuse(tokens, 'Value of numeric must be an array.');
  if (tokens.next() !== 'string') throw refuse(tokens, `Invalid member in numeric match: ${tokens.text}`);
  const operator = tokens.text;
  if (!['=', '<', '<=', '>', '>='].includes(operator)) {
    tokens.next();
    throw refuse(tokens, `Unrecognized numeric range operator: ${operator}`);
  }
  const text = numericOperand(tokens, operator === '=' ? 'equals' : operator);
  tokens.next();
  if (tokens.type !== 'end-array' && !operator.startsWith('>')) throw refuse(tokens, TOO_MANY);
  const pattern = tokens.type === 'end-array' ? oneSided(tokens, operator, text) : twoSided(tokens, operator, text);
  if (tokens.next() !== 'end-object') throw refuse(tokens, TOO_MANY);
  return pattern;
}

function numericOperand(tokens: JsonTokens, what: string): string {
  if (tokens.next() !== 'number') throw refuse(tokens, `Value of ${what} must be numeric`);
  return tokens.text;
}

function comparable(tokens: JsonTokens, text: string): number {
  const value = comparableNumber(text);
  if (value === undefined) throw refuse(tokens, `Cannot compare number : ${text}`);
  return value;
}

function oneSided(tokens: JsonTokens, operator: string, text: string): ValuePattern {
  const value = comparable(tokens, text);
  if (operator === '=') return { type: 'numeric-equals', value };
  const open = operator.length === 1;
  return operator.startsWith('>')
    ? { type: 'numeric-range', bottom: value, openBottom: open, top: Number.MAX_VALUE, openTop: false }
    : { type: 'numeric-range', bottom: -Number.MAX_VALUE, openBottom: false, top: value, openTop: open };
}

function twoSided(tokens: JsonTokens, bottomOperator: string, bottomText: string): NumericRange {
  if (tokens.type !== 'string') throw refuse(tokens, `Bad value in numeric range: ${tokens.text}`);
  const topOperator = tokens.text;
  if (topOperator !== '<' && topOperator !== '<=') throw refuse(tokens, `Bad numeric range operator: ${topOperator}`);
  const topText = numericOperand(tokens, topOperator);
  if (tokens.next() !== 'end-array') throw refuse(tokens, 'Too many terms in numeric range expression');
  const bottom = comparable(tokens, bottomText);
  const top = comparable(tokens, topText);
  if (bottom >= top) throw refuse(tokens, 'Bottom must be less than top');
  return {
    type: 'numeric-range',
    bottom,
    openBottom: bottomOperator === '>',
    top,
    openTop: topOperator === '<',
  };
}

const ANYTHING_BUT = ['equals-ignore-case', 'prefix', 'suffix', 'wildcard'] as const;
type AnythingButOperator = (typeof ANYTHING_BUT)[number];

function compileAnythingBut(tokens: JsonTokens): ValuePattern {
  let operator: AnythingButOperator | undefined;
  if (tokens.next() === 'start-object') {
    if (tokens.next() !== 'field-name') throw refuse(tokens, 'Anything-But expression name not found');
    const name = tokens.text;
    operator = ANYTHING_BUT.find((known) => known === name);
    if (!operator) throw refuse(tokens, `Unsupported anything-but pattern: ${name}`);
    tokens.next();
  }
  if (!['start-array', 'string', 'number'].includes(tokens.type)) {
    throw refuse(tokens, 'Value of anything-but must be an array or single string/number value.');
  }
  const patterns: ValuePattern[] = [];
  if (tokens.type === 'start-array') {
    const kinds = new Set<string>();
    while (tokens.next() !== 'end-array') {
      patterns.push(excluded(tokens, operator));
      kinds.add(tokens.type);
    }
    if (!operator && kinds.size !== 1) {
      throw refuse(
        tokens,
        'Inside anything but list, either all values are number or string, mixed type is not supported',
      );
    }
  } else {
    patterns.push(excluded(tokens, operator));
  }
  if (tokens.next() !== 'end-object') throw refuse(tokens, TOO_MANY);
  if (operator && tokens.next() !== 'end-object') throw refuse(tokens, TOO_MANY);
  return { type: 'none-of', patterns };
}

function excluded(tokens: JsonTokens, operator: AnythingButOperator | undefined): ValuePattern {
  const { type, text } = tokens;
  if (!operator) {
    if (type === 'string') return exactString(text);
    if (type === 'number') return { type: 'numeric-equals', value: comparable(tokens, text) };
    throw refuse(tokens, 'Inside anything but list, start|null|boolean is not supported.');
  }
  if (type !== 'string') {
    throw refuse(
      tokens,
      operator === 'equals-ignore-case'
        ? 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.'
        : `${operator === 'wildcard' ? 'wildcard' : 'prefix/suffix'} match pattern must be a string`,
    );
  }
  if (operator === 'equals-ignore-case') return ignoreCase(text);
  if (operator === 'wildcard') return wildcard(tokens, text);
  if (text === '') throw refuse(tokens, 'Null prefix/suffix not allowed');
  return { type: operator, text: operator === 'prefix' ? `"${text}` : `${text}"` };
}
