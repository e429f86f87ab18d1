import { BoundedRegExp } from './bounded-reg-exp.ts';

/**
 * JSONPath as AWS reads it (Jayway's dialect): `$` the input, `$$` the context object, `$name` a variable; then
 * `.name`, `['a','b']`, `[0]`, `[-1]`, `[0,2]`, `[1:5:2]`, `[*]`, `..name`, `[?(@.a == 1 && @.b)]`, `.length()` and its kin.
 */
export type Segment =
  | { readonly kind: 'child'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly indexes: readonly number[] }
  | {
      readonly kind: 'slice';
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly step: number;
    }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'filter'; readonly test: Filter }
  | { readonly kind: 'function'; readonly name: string };

export type Filter =
  | { readonly kind: 'or' | 'and'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'exists'; readonly path: FilterPath }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Operand; readonly right: Operand };

export interface FilterPath {
  readonly from: '@' | '$';
  readonly segments: readonly Segment[];
}

export type Operand =
  | { readonly kind: 'path'; readonly path: FilterPath }
  | { readonly kind: 'value'; readonly value: unknown };

export interface JsonPath {
  readonly text: string;
  /** `$`, `$$`, or the name of a variable. */
  readonly root:
    | { readonly kind: 'input' }
    | { readonly kind: 'context' }
    | { readonly kind: 'variable'; readonly name: string };
  readonly segments: readonly Segment[];
  /** Leads to one place at most. Others give a list, which may be empty. */
  readonly definite: boolean;
}

export class JsonPathSyntaxError extends Error {
  override readonly name = 'JsonPathSyntaxError';
}

const cache = new Map<string, JsonPath>();
const CACHE_LIMIT = 5_000;

/** Throws JsonPathSyntaxError. */
export function parseJsonPath(text: string): JsonPath {
  const known = cache.get(text);
  if (known) return known;
  const parser = new PathParser(text);
  const path = parser.parse();
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(text, path);
  return path;
}

/** Whether they lead to one place at most; a function may stand at the end. */
export const isDefinite = (segments: readonly Segment[]): boolean =>
  segments.every(
    (segment) =>
      segment.kind === 'function' ||
      (segment.kind === 'child' && segment.names.length === 1) ||
      (segment.kind === 'index' && segment.indexes.length === 1),
  );

const NAME = /[^\s.[\]()'"=!<>&|,*?@$+]/y;

/** A regular expression, or JSON whose texts may stand in single quotes. Throws SyntaxError. */
function literalValue(text: string): unknown {
  if (!text.startsWith('/')) return JSON.parse(text.replaceAll("'", '"'));
  const end = text.lastIndexOf('/');
  return new BoundedRegExp(text.slice(1, end), text.slice(end + 1).replace(/[gy]/g, ''));
}

class PathParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): JsonPath {
    const root = this.#root();
    const segments = this.#segments();
    if (this.#at < this.#text.length) this.#fail();
    const lengthOf = segments.findIndex((segment) => segment.kind === 'function');
    if (lengthOf >= 0 && lengthOf !== segments.length - 1) this.#fail();
    return { text: this.#text, root, segments, definite: isDefinite(segments) || lengthOf >= 0 };
  }

  #root(): JsonPath['root'] {
    if (this.#text[0] !== '$') this.#fail();
    this.#at = 1;
    if (this.#take('$')) return { kind: 'context' };
    const name = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
    name.lastIndex = 1;
    const variable = name.exec(this.#text)?.[0];
    if (variable === undefined) return { kind: 'input' };
    this.#at += variable.length;
    return { kind: 'variable', name: variable };
  }

  #segments(): Segment[] {
    const segments: Segment[] = [];
    for (;;) {
      if (this.#take('..')) {
        segments.push({ kind: 'descend' });
        if (this.#text[this.#at] !== '[') segments.push(this.#dotted());
      } else if (this.#take('.')) {
        // `$.a.['b c']`, as the manual writes it.
        segments.push(this.#take('[') ? this.#bracketed() : this.#dotted());
      } else if (this.#take('[')) segments.push(this.#bracketed());
      else return segments;
    }
  }

  #dotted(): Segment {
    if (this.#take('*')) return { kind: 'wildcard' };
    let name = '';
    for (;;) {
      NAME.lastIndex = this.#at;
      const character = NAME.exec(this.#text)?.[0];
      if (character === undefined) break;
      name += character;
      this.#at += character.length;
    }
    if (name === '') this.#fail();
    if (this.#take('()')) return { kind: 'function', name };
    return { kind: 'child', names: [name] };
  }

  #bracketed(): Segment {
    this.#space();
    if (this.#take('*')) return this.#closed({ kind: 'wildcard' });
    if (this.#take('?')) {
      this.#space();
      if (!this.#take('(')) this.#fail();
      const test = this.#or();
      this.#space();
      if (!this.#take(')')) this.#fail();
      return this.#closed({ kind: 'filter', test });
    }
    const next = this.#text[this.#at];
    if (next === "'" || next === '"') {
      const names: string[] = [];
      do {
        this.#space();
        names.push(this.#quoted());
        this.#space();
      } while (this.#take(','));
      return this.#closed({ kind: 'child', names });
    }
    const close = this.#text.indexOf(']', this.#at);
    if (close < 0) this.#fail();
    const inside = this.#text.slice(this.#at, close).trim();
    this.#at = close + 1;
    const slice = /^(-?\d+)?\s*:\s*(-?\d+)?(?:\s*:\s*(\d+))?$/.exec(inside);
    if (slice) {
      const bound = (text: string | undefined) => (text === undefined ? undefined : Number(text));
      return { kind: 'slice', from: bound(slice[1]), to: bound(slice[2]), step: bound(slice[3]) ?? 1 };
    }
    if (!/^-?\d+(\s*,\s*-?\d+)*$/.test(inside)) this.#fail();
    return { kind: 'index', indexes: inside.split(',').map(Number) };
  }

  #closed(segment: Segment): Segment {
    this.#space();
    if (!this.#take(']')) this.#fail();
    return segment;
  }

  #quoted(): string {
    const quote = this.#text[this.#at];
    if (quote !== "'" && quote !== '"') this.#fail();
    this.#at++;
    let text = '';
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] as string;
      if (character === quote) return text;
      const next = this.#text[this.#at];
      const escaped = character === '\\' && (next === quote || next === '\\');
      text += escaped ? (this.#text[this.#at++] as string) : character;
    }
    return this.#fail();
  }

  #or(): Filter {
    let left = this.#and();
    for (this.#space(); this.#take('||'); this.#space()) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Filter {
    let left = this.#unary();
    for (this.#space(); this.#take('&&'); this.#space()) left = { kind: 'and', left, right: this.#unary() };
    return left;
  }

  #unary(): Filter {
    this.#space();
    if (this.#take('!')) return { kind: 'not', of: this.#unary() };
    if (this.#take('(')) {
      const inner = this.#or();
      this.#space();
      if (!this.#take(')')) this.#fail();
      return inner;
    }
    const left = this.#operand();
    this.#space();
    const operator = ['==', '!=', '<=', '>=', '=~', '<', '>', 'in', 'nin'].find((text) => this.#take(text));
    if (operator === undefined) {
      if (left.kind !== 'path') this.#fail();
      return { kind: 'exists', path: (left as { path: FilterPath }).path };
    }
    this.#space();
    return { kind: 'compare', operator, left, right: this.#operand() };
  }

  #operand(): Operand {
    const next = this.#text[this.#at];
    if (next === '@' || next === '$') {
      this.#at++;
      return { kind: 'path', path: { from: next, segments: this.#segments() } };
    }
    if (next === "'" || next === '"') return { kind: 'value', value: this.#quoted() };
    const literal = /-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null|\/(?:[^/\\]|\\.)*\/[a-z]*|\[[^\]]*\]/y;
    literal.lastIndex = this.#at;
    const text = literal.exec(this.#text)?.[0];
    if (text === undefined) return this.#fail();
    this.#at += text.length;
    try {
      return { kind: 'value', value: literalValue(text) };
    } catch (error) {
      if (error instanceof SyntaxError) return this.#fail();
      throw error;
    }
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
    throw new JsonPathSyntaxError(`Invalid JSONPath at character ${this.#at + 1}: ${this.#text}`);
  }
}
