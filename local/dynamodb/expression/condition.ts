import { type AttributeValue, typeOf } from '../attribute-value.ts';
import { compareValues } from '../comparison.ts';
import { type DocumentPath, describePath, parseDocumentPath } from './document-path.ts';
import type { Placeholders } from './placeholders.ts';
import { type ExpressionKind, invalidExpression, Tokens } from './tokens.ts';

export type Operand =
  | { readonly kind: 'path'; readonly path: DocumentPath }
  | { readonly kind: 'value'; readonly value: AttributeValue; readonly reference: string }
  | { readonly kind: 'size'; readonly path: DocumentPath };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type ConditionFunction =
  | 'attribute_exists'
  | 'attribute_not_exists'
  | 'attribute_type'
  | 'begins_with'
  | 'contains';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly options: readonly Operand[] }
  | { readonly kind: 'function'; readonly name: ConditionFunction; readonly operands: readonly Operand[] };

const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);
const ARITY: Readonly<Record<ConditionFunction, number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
};
const MAX_IN_OPTIONS = 100;

/**
 * Parses a condition, filter or key condition. Placeholders are resolved and marked as used.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export function parseCondition(kind: ExpressionKind, text: string, placeholders: Placeholders): Condition {
  const parser = new ConditionParser(new Tokens(kind, text), placeholders);
  return parser.parse();
}

class ConditionParser {
  readonly #tokens: Tokens;
  readonly #placeholders: Placeholders;
  /** Conditions that stand in parentheses of their own. */
  readonly #parenthesised = new WeakSet<Condition>();

  constructor(tokens: Tokens, placeholders: Placeholders) {
    this.#tokens = tokens;
    this.#placeholders = placeholders;
  }

  parse(): Condition {
    const condition = this.#or();
    this.#tokens.expectEnd();
    return condition;
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#tokens.takeKeyword('OR')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#tokens.takeKeyword('AND')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Condition {
    if (this.#tokens.takeKeyword('NOT')) return { kind: 'not', condition: this.#not() };
    return this.#primary();
  }

  #primary(): Condition {
    if (this.#tokens.takeSymbol('(')) {
      const condition = this.#or();
      this.#tokens.expectSymbol(')');
      if (this.#parenthesised.has(condition)) {
        throw invalidExpression(this.#tokens.kind, 'The expression has redundant parentheses;');
      }
      this.#parenthesised.add(condition);
      return condition;
    }
    const name = this.#functionName();
    if (name !== undefined && name !== 'size') return this.#function(name);
    return this.#comparison();
  }

  #functionName(): string | undefined {
    const token = this.#tokens.peek();
    const opens = this.#tokens.peek(1);
    return token.kind === 'name' && opens.kind === 'symbol' && opens.text === '(' ? token.text : undefined;
  }

  #function(name: string): Condition {
    if (!Object.hasOwn(ARITY, name)) {
      throw invalidExpression(this.#tokens.kind, `Invalid function name; function: ${name}`);
    }
    const known = name as ConditionFunction;
    this.#tokens.next();
    this.#tokens.expectSymbol('(');
    const operands = [this.#operand()];
    while (this.#tokens.takeSymbol(',')) operands.push(this.#operand());
    this.#tokens.expectSymbol(')');
    if (operands.length !== ARITY[known]) {
      throw invalidExpression(
        this.#tokens.kind,
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
      );
    }
    this.#checkFunctionOperands(known, operands);
    return { kind: 'function', name: known, operands };
  }

  #checkFunctionOperands(name: ConditionFunction, operands: readonly Operand[]): void {
    const [first, second] = operands;
    if (name.startsWith('attribute_') && first?.kind !== 'path') {
      throw invalidExpression(
        this.#tokens.kind,
        `Operator or function requires a document path; operator or function: ${name}`,
      );
    }
    if (second?.kind !== 'value') {
      if (name === 'attribute_type') this.#wrongType(name, '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}');
      return;
    }
    const type = typeOf(second.value);
    if (name === 'begins_with' && type !== 'S' && type !== 'B') this.#wrongType(name, type);
    if (name === 'attribute_type') {
      const wanted = 'S' in second.value ? second.value.S : this.#wrongType(name, type);
      if (!/^(S|N|B|BOOL|NULL|L|M|SS|NS|BS)$/.test(wanted)) {
        throw invalidExpression(
          this.#tokens.kind,
          `Invalid attribute type name found; type: ${wanted}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
        );
      }
    }
  }

  #wrongType(operator: string, type: string): never {
    throw invalidExpression(
      this.#tokens.kind,
      `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
    );
  }

  #comparison(): Condition {
    const left = this.#operand();
    if (this.#tokens.takeKeyword('BETWEEN')) return this.#between(left);
    if (this.#tokens.takeKeyword('IN')) return this.#in(left);
    const token = this.#tokens.peek();
    if (token.kind !== 'symbol' || !COMPARATORS.has(token.text)) throw this.#tokens.syntaxError();
    const comparator = this.#tokens.next().text as Comparator;
    const right = this.#operand();
    this.#assertDistinct(comparator, left, right);
    if (comparator !== '=' && comparator !== '<>') this.#assertOrdered(comparator, [left, right]);
    return { kind: 'compare', comparator, left, right };
  }

  #between(operand: Operand): Condition {
    const low = this.#operand();
    if (!this.#tokens.takeKeyword('AND')) throw this.#tokens.syntaxError();
    const high = this.#operand();
    this.#assertOrdered('BETWEEN', [operand, low, high]);
    if (low.kind === 'value' && high.kind === 'value') this.#assertBounds(low.value, high.value);
    return { kind: 'between', operand, low, high };
  }

  #assertBounds(low: AttributeValue, high: AttributeValue): void {
    const bounds = `lower bound operand: AttributeValue: ${describeValue(low)}, upper bound operand: AttributeValue: ${describeValue(high)}`;
    if (typeOf(low) !== typeOf(high)) {
      throw invalidExpression(
        this.#tokens.kind,
        `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`,
      );
    }
    if ((compareValues(low, high) ?? 0) > 0) {
      throw invalidExpression(
        this.#tokens.kind,
        `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
      );
    }
  }

  #in(operand: Operand): Condition {
    this.#tokens.expectSymbol('(');
    const options = [this.#operand()];
    while (this.#tokens.takeSymbol(',')) options.push(this.#operand());
    this.#tokens.expectSymbol(')');
    if (options.length > MAX_IN_OPTIONS) {
      throw invalidExpression(
        this.#tokens.kind,
        `Invalid number of operands for operator or function; operator or function: IN, number of operands: ${options.length + 1}`,
      );
    }
    return { kind: 'in', operand, options };
  }

  #operand(): Operand {
    const token = this.#tokens.peek();
    if (token.kind === 'valueRef') {
      const reference = this.#tokens.next().text;
      return { kind: 'value', value: this.#placeholders.value(this.#tokens.kind, reference), reference };
    }
    const name = this.#functionName();
    if (name === undefined) return { kind: 'path', path: parseDocumentPath(this.#tokens, this.#placeholders) };
    if (name !== 'size') {
      throw invalidExpression(
        this.#tokens.kind,
        Object.hasOwn(ARITY, name)
          ? `The function is not allowed to be used this way in an expression; function: ${name}`
          : `Invalid function name; function: ${name}`,
      );
    }
    this.#tokens.next();
    this.#tokens.expectSymbol('(');
    const path = parseDocumentPath(this.#tokens, this.#placeholders);
    this.#tokens.expectSymbol(')');
    return { kind: 'size', path };
  }

  #assertDistinct(operator: string, left: Operand, right: Operand): void {
    if (left.kind !== 'path' || right.kind !== 'path') return;
    const [first, second] = [describePath(left.path), describePath(right.path)];
    if (first !== second) return;
    throw invalidExpression(
      this.#tokens.kind,
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${first}`,
    );
  }

  #assertOrdered(operator: string, operands: readonly Operand[]): void {
    for (const operand of operands) {
      if (operand.kind !== 'value') continue;
      const type = typeOf(operand.value);
      if (type !== 'S' && type !== 'N' && type !== 'B') this.#wrongType(operator, type);
    }
  }
}

const describeValue = (value: AttributeValue): string => {
  const type = typeOf(value);
  return `{${type}:${(value as Record<string, unknown>)[type]}}`;
};

/** Every path that the condition looks at. */
export function pathsOf(condition: Condition): readonly DocumentPath[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case 'not':
      return pathsOf(condition.condition);
    case 'compare':
      return operandPaths([condition.left, condition.right]);
    case 'between':
      return operandPaths([condition.operand, condition.low, condition.high]);
    case 'in':
      return operandPaths([condition.operand, ...condition.options]);
    case 'function':
      return operandPaths(condition.operands);
  }
}

const operandPaths = (operands: readonly Operand[]): readonly DocumentPath[] =>
  operands.flatMap((operand) => (operand.kind === 'value' ? [] : [operand.path]));
