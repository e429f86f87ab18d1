/** A place where JSON text is not JSON. `message` and the offset are those of the parser that EventBridge uses (Jackson). */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export type TokenType =
  | 'start-object'
  | 'end-object'
  | 'start-array'
  | 'end-array'
  | 'field-name'
  | 'string'
  | 'number'
  | 'true'
  | 'false'
  | 'null'
  | 'end';

interface Frame {
  readonly kind: 'object' | 'array';
  readonly start: number;
  empty: boolean;
}

const DEEPEST = 1000;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const VALUE_KINDS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/**
 * Reads JSON token by token. Unlike JSON.parse it keeps the text of numbers (5 and 5.0 are different patterns), shows duplicate keys, and finds an
 * error only when it gets there, so that a mistake in a pattern is reported before a syntax error behind it, as EventBridge does.
 * What follows the outermost value is not read.
 */
export class JsonTokens {
  readonly source: string;
  /** The token that `next` read last. */
  type: TokenType = 'end';
  /** Its decoded string, its field name, or the literal text of a number, true, false or null. */
  text = '';
  #offset = 0;
  #afterName = false;
  #started = false;
  readonly #stack: Frame[] = [];

  constructor(source: string) {
    this.source = source;
  }

  /** Just behind the token that was read last. */
  get offset(): number {
    return this.#offset;
  }

  next(): TokenType {
    this.type = this.#read();
    return this.type;
  }

  #read(): TokenType {
    this.#skipSpace();
    const frame = this.#stack.at(-1);
    if (!frame) {
      if (this.#started || this.#offset >= this.source.length) return 'end';
      this.#started = true;
      return this.#value();
    }
    if (this.#offset >= this.source.length) {
      const kind = frame.kind === 'object' ? 'Object' : 'Array';
      throw this.#error(
        `Unexpected end-of-input: expected close marker for ${kind} (start marker at ${describeLocation(this.source, frame.start)})`,
      );
    }
    if (this.#afterName) {
      if (this.#peek() !== ':') throw this.#unexpected('was expecting a colon to separate field name and value');
      this.#offset++;
      this.#skipSpace();
      this.#afterName = false;
      return this.#value();
    }
    const close = this.#peek();
    if (close === '}' || close === ']') return this.#close(frame, close);
    if (!frame.empty) {
      if (close !== ',') {
        const entries = frame.kind === 'object' ? 'Object' : 'Array';
        throw this.#unexpected(`was expecting comma to separate ${entries} entries`);
      }
      this.#offset++;
      this.#skipSpace();
    }
    frame.empty = false;
    if (frame.kind === 'array') return this.#value();
    if (this.#peek() !== '"') throw this.#unexpected('was expecting double-quote to start field name');
    this.text = this.#string('field name');
    this.#afterName = true;
    return 'field-name';
  }

  #close(frame: Frame, close: '}' | ']'): TokenType {
    const expected = frame.kind === 'object' ? '}' : ']';
    if (close !== expected) {
      const kind = frame.kind === 'object' ? 'Object' : 'Array';
      throw this.#error(
        `Unexpected close marker '${close}': expected '${expected}' (for ${kind} starting at ${describeLocation(this.source, frame.start)})`,
        1,
      );
    }
    this.#offset++;
    this.#stack.pop();
    return close === '}' ? 'end-object' : 'end-array';
  }

  #value(): TokenType {
    const char = this.#peek();
    switch (char) {
      case '{':
      case '[':
        this.#stack.push({ kind: char === '{' ? 'object' : 'array', start: this.#offset, empty: true });
        this.#offset++;
        if (this.#stack.length > DEEPEST) {
          throw this.#error(`Document nesting depth (${DEEPEST + 1}) exceeds the maximum allowed (${DEEPEST})`);
        }
        return char === '{' ? 'start-object' : 'start-array';
      case '"':
        this.text = this.#string('string value');
        return 'string';
      case '':
        throw this.#error('Unexpected end-of-input');
      default:
        return char === '-' || (char >= '0' && char <= '9') ? this.#number() : this.#literal();
    }
  }

  #string(what: 'field name' | 'string value'): string {
    let decoded = '';
    for (let at = this.#offset + 1; ; at++) {
      const char = this.source[at];
      if (char === undefined) {
        this.#offset = this.source.length;
        throw this.#error(`Unexpected end-of-input: was expecting closing quote for a ${what}`);
      }
      if (char === '"') {
        this.#offset = at + 1;
        return decoded;
      }
      if (char < ' ') {
        this.#offset = at;
        throw this.#error(
          `Illegal unquoted character ((CTRL-CHAR, code ${char.charCodeAt(0)})): has to be escaped using backslash to be included in string value`,
          1,
        );
      }
      if (char !== '\\') {
        decoded += char;
        continue;
      }
      at++;
      const escaped = this.source[at] ?? '';
      const hex = this.source.slice(at + 1, at + 5);
      if (escaped === 'u' && /^[0-9a-fA-F]{4}$/.test(hex)) {
        decoded += String.fromCharCode(Number.parseInt(hex, 16));
        at += 4;
      } else if (ESCAPES[escaped] !== undefined) {
        decoded += ESCAPES[escaped];
      } else {
        this.#offset = Math.min(at, this.source.length);
        if (escaped === '') throw this.#error('Unexpected end-of-input in character escape sequence');
        throw this.#error(`Unrecognized character escape ${quoteChar(escaped)}`, 1);
      }
    }
  }

  #number(): TokenType {
    const match = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/.exec(
      this.source.slice(this.#offset, this.#offset + 2000),
    );
    if (!match) {
      this.#offset++;
      throw this.#unexpected(
        '',
        'in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value',
      );
    }
    this.text = match[0];
    this.#offset += match[0].length;
    const next = this.#peek();
    if (/[0-9]/.test(next)) throw this.#error('Invalid numeric value: Leading zeroes not allowed');
    if (next === '.' || next === 'e' || next === 'E') {
      this.#offset++;
      throw this.#unexpected(
        '',
        `in numeric value: ${next === '.' ? 'Decimal point not followed by a digit' : 'Exponent indicator not followed by a digit'}`,
      );
    }
    if (next !== '' && !/[\s,\]}]/.test(next) && /[A-Za-z_$]/.test(next)) {
      throw this.#unexpected(
        `was expecting comma to separate ${this.#stack.at(-1)?.kind === 'object' ? 'Object' : 'Array'} entries`,
      );
    }
    return 'number';
  }

  #literal(): TokenType {
    const word = /^[\p{L}\p{N}_$]*/u.exec(this.source.slice(this.#offset, this.#offset + 256))?.[0] ?? '';
    if (word === '') throw this.#unexpected(`expected a valid value ${VALUE_KINDS}`);
    this.#offset += word.length;
    if (word === 'true' || word === 'false' || word === 'null') {
      this.text = word;
      return word;
    }
    throw this.#error(`Unrecognized token '${word}': was expecting ${VALUE_KINDS}`);
  }

  #peek(): string {
    return this.source[this.#offset] ?? '';
  }

  #skipSpace(): void {
    let code = this.source.charCodeAt(this.#offset);
    while (code === 32 || code === 9 || code === 13 || code === 10) code = this.source.charCodeAt(++this.#offset);
  }

  #unexpected(expectation: string, place?: string): JsonSyntaxError {
    const char = this.#peek();
    if (char === '') return this.#error('Unexpected end-of-input');
    return this.#error(`Unexpected character (${quoteChar(char)})${place ? ` ${place}` : `: ${expectation}`}`, 1);
  }

  #error(message: string, ahead = 0): JsonSyntaxError {
    return new JsonSyntaxError(message, this.#offset + ahead);
  }
}

const quoteChar = (char: string): string => `'${char}' (code ${char.charCodeAt(0)})`;

const SOURCE_SHOWN = 500;

/** `[Source: (String)"…"; line: 1, column: 2]`, as Jackson names a place. */
export function describeLocation(source: string, offset: number): string {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1) + 1;
  const rest = source.length - SOURCE_SHOWN;
  const shown = rest > 0 ? `${source.slice(0, SOURCE_SHOWN)}"[truncated ${rest} chars]` : `${source}"`;
  return `[Source: (String)"${shown}; line: ${line}, column: ${column}]`;
}
