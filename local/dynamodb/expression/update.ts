import { type AttributeValue, typeOf } from '../attribute-value.ts';
import { assertDisjoint, type DocumentPath, parseDocumentPath } from './document-path.ts';
import type { Placeholders } from './placeholders.ts';
import { invalidExpression, Tokens } from './tokens.ts';

export type UpdateValue =
  | { readonly kind: 'path'; readonly path: DocumentPath }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'if_not_exists'; readonly path: DocumentPath; readonly otherwise: UpdateValue }
  | { readonly kind: 'list_append'; readonly left: UpdateValue; readonly right: UpdateValue }
  | { readonly kind: 'plus' | 'minus'; readonly left: UpdateValue; readonly right: UpdateValue };

export interface UpdateExpression {
  readonly set: readonly { readonly path: DocumentPath; readonly value: UpdateValue }[];
  readonly remove: readonly DocumentPath[];
  readonly add: readonly { readonly path: DocumentPath; readonly value: AttributeValue }[];
  readonly delete: readonly { readonly path: DocumentPath; readonly value: AttributeValue }[];
}

const KIND = 'UpdateExpression';
const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
type Clause = (typeof CLAUSES)[number];

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html */
export function parseUpdate(text: string, placeholders: Placeholders): UpdateExpression {
  const tokens = new Tokens(KIND, text);
  const set: { path: DocumentPath; value: UpdateValue }[] = [];
  const remove: DocumentPath[] = [];
  const add: { path: DocumentPath; value: AttributeValue }[] = [];
  const del: { path: DocumentPath; value: AttributeValue }[] = [];
  const seen = new Set<Clause>();

  while (tokens.peek().kind !== 'end') {
    const clause = takeClause(tokens, seen);
    do {
      const path = parseDocumentPath(tokens, placeholders);
      if (clause === 'SET') {
        tokens.expectSymbol('=');
        set.push({ path, value: parseSetValue(tokens, placeholders) });
      } else if (clause === 'REMOVE') {
        remove.push(path);
      } else if (clause === 'ADD') {
        add.push({ path, value: parseOperand(tokens, placeholders, 'ADD', ['N', 'SS', 'NS', 'BS']) });
      } else {
        del.push({ path, value: parseOperand(tokens, placeholders, 'DELETE', ['SS', 'NS', 'BS']) });
      }
    } while (tokens.takeSymbol(','));
  }
  const changed = [
    ...set.map(({ path }) => path),
    ...remove,
    ...add.map(({ path }) => path),
    ...del.map(({ path }) => path),
  ];
  assertDisjoint(tokens, changed);
  return { set, remove, add, delete: del };
}

function takeClause(tokens: Tokens, seen: Set<Clause>): Clause {
  const clause = CLAUSES.find((word) => tokens.takeKeyword(word));
  if (clause === undefined) throw tokens.syntaxError();
  if (seen.has(clause)) {
    throw invalidExpression(KIND, `The "${clause}" section can only be used once in an update expression;`);
  }
  seen.add(clause);
  return clause;
}

function parseOperand(
  tokens: Tokens,
  placeholders: Placeholders,
  operator: 'ADD' | 'DELETE',
  allowed: readonly string[],
): AttributeValue {
  if (tokens.peek().kind !== 'valueRef') throw tokens.syntaxError();
  const value = placeholders.value(KIND, tokens.next().text);
  if (!allowed.includes(typeOf(value))) {
    throw invalidExpression(
      KIND,
      `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${longType(value)}, typeset: ALLOWED_FOR_${operator}_OPERAND`,
    );
  }
  return value;
}

const LONG_TYPES: Readonly<Record<string, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
};
const longType = (value: AttributeValue): string => LONG_TYPES[typeOf(value)] as string;

function parseSetValue(tokens: Tokens, placeholders: Placeholders): UpdateValue {
  const left = parseSetOperand(tokens, placeholders);
  for (const [symbol, kind] of [
    ['+', 'plus'],
    ['-', 'minus'],
  ] as const) {
    if (!tokens.takeSymbol(symbol)) continue;
    const right = parseSetOperand(tokens, placeholders);
    for (const operand of [left, right]) assertOperandType(operand, symbol, 'N');
    return { kind, left, right };
  }
  return left;
}

function parseSetOperand(tokens: Tokens, placeholders: Placeholders): UpdateValue {
  const token = tokens.peek();
  if (token.kind === 'valueRef') return { kind: 'value', value: placeholders.value(KIND, tokens.next().text) };
  if (tokens.takeSymbol('(')) {
    const value = parseSetValue(tokens, placeholders);
    tokens.expectSymbol(')');
    return value;
  }
  const called = token.kind === 'name' && tokens.peek(1).text === '(';
  if (!called) return { kind: 'path', path: parseDocumentPath(tokens, placeholders) };
  return parseFunction(tokens, placeholders);
}

function parseFunction(tokens: Tokens, placeholders: Placeholders): UpdateValue {
  const name = tokens.next().text;
  if (name !== 'if_not_exists' && name !== 'list_append') {
    throw invalidExpression(KIND, `Invalid function name; function: ${name}`);
  }
  tokens.expectSymbol('(');
  const operands = [parseSetValue(tokens, placeholders)];
  while (tokens.takeSymbol(',')) operands.push(parseSetValue(tokens, placeholders));
  tokens.expectSymbol(')');
  const [left, right] = operands;
  if (left === undefined || right === undefined || operands.length !== 2) {
    throw invalidExpression(
      KIND,
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  if (name === 'list_append') {
    for (const operand of operands) assertOperandType(operand, name, 'L');
    return { kind: name, left, right };
  }
  if (left.kind !== 'path') {
    throw invalidExpression(KIND, `Operator or function requires a document path; operator or function: ${name}`);
  }
  return { kind: name, path: left.path, otherwise: right };
}

function assertOperandType(operand: UpdateValue, operator: string, wanted: 'N' | 'L'): void {
  if (operand.kind !== 'value' || typeOf(operand.value) === wanted) return;
  throw invalidExpression(
    KIND,
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${typeOf(operand.value)}`,
  );
}
