import { type AttributeValue, attribute, type Item } from '../attribute-value.ts';
import type { Placeholders } from './placeholders.ts';
import { isReservedWord } from './reserved-words.ts';
import { invalidExpression, type Tokens } from './tokens.ts';

/** An attribute name, then map members (text) and list positions (numbers). */
export type DocumentPath = readonly [string, ...(string | number)[]];

/** `name.#other[3].deep` */
export function parseDocumentPath(tokens: Tokens, placeholders: Placeholders): DocumentPath {
  const path: [string, ...(string | number)[]] = [parseName(tokens, placeholders)];
  for (;;) {
    if (tokens.takeSymbol('.')) {
      path.push(parseName(tokens, placeholders));
    } else if (tokens.takeSymbol('[')) {
      if (tokens.peek().kind !== 'number') throw tokens.syntaxError();
      path.push(Number(tokens.next().text));
      tokens.expectSymbol(']');
    } else {
      return path;
    }
  }
}

function parseName(tokens: Tokens, placeholders: Placeholders): string {
  const token = tokens.peek();
  if (token.kind === 'nameRef') return placeholders.name(tokens.kind, tokens.next().text);
  if (token.kind !== 'name') throw tokens.syntaxError();
  if (isReservedWord(token.text)) {
    throw invalidExpression(tokens.kind, `Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
  }
  return tokens.next().text;
}

export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  const [first, ...rest] = path;
  let value = attribute(item, first);
  for (const step of rest) {
    if (value === undefined) return undefined;
    if (typeof step === 'number') value = 'L' in value ? value.L[step] : undefined;
    else value = 'M' in value ? attribute(value.M, step) : undefined;
  }
  return value;
}

/** As DynamoDB writes a path in its messages: `[a, b, [0]]`. */
export const describePath = (path: DocumentPath): string =>
  `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;

/** Whether one path is the other, or leads through it. */
export function pathsOverlap(left: DocumentPath, right: DocumentPath): boolean {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) if (left[at] !== right[at]) return false;
  return true;
}

/** Whether the paths use the same place as a list and as a map at once. */
export function pathsConflict(left: DocumentPath, right: DocumentPath): boolean {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    if (typeof left[at] !== typeof right[at]) return true;
    if (left[at] !== right[at]) return false;
  }
  return false;
}

/** Throws when two of an expression's paths overlap or conflict. */
export function assertDisjoint(tokens: Tokens, paths: readonly DocumentPath[]): void {
  for (const [at, left] of paths.entries()) {
    for (const right of paths.slice(at + 1)) {
      const problem = pathsOverlap(left, right) ? 'overlap' : pathsConflict(left, right) ? 'conflict' : undefined;
      if (problem === undefined) continue;
      throw invalidExpression(
        tokens.kind,
        `Two document paths ${problem} with each other; must remove or rewrite one of these paths; path one: ${describePath(left)}, path two: ${describePath(right)}`,
      );
    }
  }
}
