import { JsonPathSyntaxError, parseJsonPath } from './jsonpath-syntax.ts';

/** A call of an intrinsic function, parsed: `States.Format('a {}', $.b)`. */
export type Intrinsic =
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Intrinsic[] }
  | { readonly kind: 'value'; readonly value: unknown }
  /** The text as written between the quotes, escapes still in it: only States.Format gives `\{` a meaning of its own. */
  | { readonly kind: 'text'; readonly raw: string }
  | { readonly kind: 'path'; readonly path: string };

export class IntrinsicSyntaxError extends Error {
  override readonly name = 'IntrinsicSyntaxError';
}

const cache = new Map<string, Intrinsic>();
const CACHE_LIMIT = 5_000;

/** AWS allows ten. Deeper ones are refused, which also keeps the parser's own stack bounded. */
const DEEPEST_NESTING = 10;

/** Throws IntrinsicSyntaxError. */
export function parseIntrinsic(text: string): Intrinsic {
  const known = cache.get(text);
  if (known) return known;
  const parser = new IntrinsicParser(text);
  const parsed = parser.parse();
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, parsed);
  return parsed;
}

class IntrinsicParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Intrinsic {
    this.#space();
    const call = this.#call(1);
    this.#space();
    if (this.#at < this.#text.length) this.#fail();
    return call;
  }

  #call(depth: number): Intrinsic {
    if (depth > DEEPEST_NESTING) this.#fail();
    const name = this.#match(/States\.[A-Za-z0-9]+/y) ?? this.#fail();
    this.#space();
    if (!this.#take('(')) this.#fail();
    const args: Intrinsic[] = [];
    this.#space();
    if (this.#take(')')) return { kind: 'call', name: name.slice('States.'.length), args };
    for (;;) {
      args.push(this.#argument(depth));
      this.#space();
      if (this.#take(')')) return { kind: 'call', name: name.slice('States.'.length), args };
      if (!this.#take(',')) this.#fail();
    }
  }

  #argument(depth: number): Intrinsic {
    this.#space();
    const next = this.#text[this.#at];
    if (next === "'") return { kind: 'text', raw: this.#quoted() };
    if (next === '$') return { kind: 'path', path: this.#path() };
    if (this.#text.startsWith('States.', this.#at)) return this.#call(depth + 1);
    const literal = this.#match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y) ?? this.#fail();
    return { kind: 'value', value: JSON.parse(literal) };
  }

  #quoted(): string {
    const raw = this.#match(/'((?:[^'\\]|\\['{}\\])*)'/y) ?? this.#fail();
    return raw.slice(1, -1);
  }

  /** A path ends at a comma or closing bracket that is not inside its own brackets or quotes. */
  #path(): string {
    const start = this.#at;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] as string;
      if (character === "'" || character === '"') {
        const close = this.#text.indexOf(character, this.#at + 1);
        if (close < 0) this.#fail();
        this.#at = close;
      } else if (character === '[' || character === '(') depth++;
      else if (depth > 0 && (character === ']' || character === ')')) depth--;
      else if (depth === 0 && (character === ',' || character === ')')) break;
    }
    const path = this.#text.slice(start, this.#at).trim();
    try {
      parseJsonPath(path);
    } catch (error) {
      if (error instanceof JsonPathSyntaxError) this.#fail();
      throw error;
    }
    return path;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #fail(): never {
    throw new IntrinsicSyntaxError(`Invalid intrinsic function call at character ${this.#at + 1}: ${this.#text}`);
  }
}
