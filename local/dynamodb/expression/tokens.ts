import type { AwsError } from '../../aws-error.ts';
import { validationError } from '../validation.ts';

/** The request member that an expression came in; DynamoDB names it in every message. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression';

export interface Token {
  readonly kind: 'name' | 'nameRef' | 'valueRef' | 'number' | 'symbol' | 'end';
  readonly text: string;
}

const MAX_EXPRESSION_BYTES = 4096;
const TOKEN = /\s*(?:(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|([A-Za-z_][A-Za-z0-9_]*)|(\d+)|(<>|<=|>=|[()[\].,=<>+-]))/y;
const END: Token = { kind: 'end', text: '<EOF>' };

export const invalidExpression = (kind: ExpressionKind, detail: string): AwsError =>
  validationError(`Invalid ${kind}: ${detail}`);

/** A cursor over an expression's tokens. */
export class Tokens {
  readonly kind: ExpressionKind;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(kind: ExpressionKind, text: string) {
    this.kind = kind;
    if (text.trim() === '') throw invalidExpression(kind, 'The expression can not be empty;');
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_EXPRESSION_BYTES) {
      throw invalidExpression(kind, `Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    }
    this.#tokens = tokenise(kind, text);
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** Takes the token if it is this symbol. */
  takeSymbol(text: string): boolean {
    const token = this.peek();
    if (token.kind !== 'symbol' || token.text !== text) return false;
    this.#at++;
    return true;
  }

  /** Takes the token if it is this keyword, in any case. */
  takeKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.#at++;
    return true;
  }

  isKeyword(word: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.text.toUpperCase() === word;
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.syntaxError();
  }

  syntaxError(): AwsError {
    const near = this.#tokens.slice(Math.max(0, this.#at - 1), this.#at + 2).map((token) => token.text);
    return invalidExpression(this.kind, `Syntax error; token: "${this.peek().text}", near: "${near.join(' ')}"`);
  }
}

function tokenise(kind: ExpressionKind, text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      const rest = text.slice(from).trimStart();
      throw invalidExpression(kind, `Syntax error; token: "${rest[0]}", near: "${rest.slice(0, 10)}"`);
    }
    const [, nameRef, valueRef, name, number, symbol] = match;
    if (nameRef !== undefined) tokens.push({ kind: 'nameRef', text: nameRef });
    else if (valueRef !== undefined) tokens.push({ kind: 'valueRef', text: valueRef });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else tokens.push({ kind: 'symbol', text: symbol as string });
  }
  return tokens;
}
