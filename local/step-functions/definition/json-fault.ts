/** Why a text is no JSON, in the words that AWS's parser has for it, and where. */
export interface JsonFault {
  readonly message: string;
  /** Both from 1; `column` is that of what would have been read next. */
  readonly line: number;
  readonly column: number;
}

class Found extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** Undefined for a text that JSON.parse takes, unless it is nested deeper than a thousand. */
export function jsonFault(text: string): JsonFault | undefined {
  let found: Found | undefined;
  try {
    JSON.parse(text);
    if (mayBeTooDeep(text)) found = scan(text);
  } catch (error) {
    found = scan(text) ?? new Found((error as Error).message, text.length);
  }
  if (!found) return undefined;
  const before = text.slice(0, found.at).split('\n');
  return { message: found.message, line: before.length, column: before.at(-1)!.length + 1 };
}

/** What AWS's parser (Jackson) takes. Everything that later walks through the value may recurse so deep, and no deeper. */
const DEEPEST_NESTING = 1_000;

function mayBeTooDeep(text: string): boolean {
  let opened = 0;
  for (const character of text) if (character === '{' || character === '[') opened += 1;
  return opened > DEEPEST_NESTING;
}

function scan(text: string): Found | undefined {
  try {
    const end = blank(text, value(text, blank(text, 0), 'a value'));
    return end < text.length ? unexpected(text, end, `expected a valid value ${VALUES}`) : undefined;
  } catch (error) {
    if (error instanceof Found) return error;
    throw error;
  }
}

const blank = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at]!)) at += 1;
  return at;
};

function unexpected(text: string, at: number, expectation: string): Found {
  const character = text[at];
  if (character === undefined) return new Found('Unexpected end-of-input', text.length);
  return new Found(`Unexpected character ('${character}' (code ${character.codePointAt(0)})): ${expectation}`, at + 1);
}

/** Iterative, so that no nesting exhausts the stack. Returns where the value ends; throws Found. */
function value(text: string, from: number, what: string): number {
  const open: ('{' | '[')[] = [];
  let at = from;
  for (;;) {
    const character = text[at];
    if (character === '{' || character === '[') {
      const next = blank(text, at + 1);
      const close = character === '{' ? '}' : ']';
      if (text[next] === close) at = next + 1;
      else {
        open.push(character);
        if (open.length > DEEPEST_NESTING) {
          const depth = `Document nesting depth (${open.length}) exceeds the maximum allowed (${DEEPEST_NESTING})`;
          throw new Found(depth, at + 1);
        }
        at = character === '{' ? field(text, next) : next;
        continue;
      }
    } else at = scalar(text, at, what);
    // A value has ended: so may what is around it.
    for (;;) {
      const around = open.at(-1);
      if (around === undefined) return at;
      at = blank(text, at);
      const kind = around === '{' ? 'Object' : 'Array';
      if (text[at] === undefined)
        throw new Found(`Unexpected end-of-input: expected close marker for ${kind}`, text.length);
      if (text[at] === (around === '{' ? '}' : ']')) {
        open.pop();
        at += 1;
        continue;
      }
      if (text[at] !== ',') throw unexpected(text, at, `was expecting comma to separate ${kind} entries`);
      at = blank(text, at + 1);
      if (around === '{') at = field(text, at);
      break;
    }
  }
}

/** A field's name and its colon. Returns where the value begins. */
function field(text: string, at: number): number {
  if (text[at] === undefined) throw new Found('Unexpected end-of-input within/between Object entries', text.length);
  if (text[at] !== '"') throw unexpected(text, at, 'was expecting double-quote to start field name');
  const colon = blank(text, string(text, at));
  if (text[colon] !== ':') throw unexpected(text, colon, 'was expecting a colon to separate field name and value');
  return blank(text, colon + 1);
}

function scalar(text: string, at: number, what: string): number {
  const character = text[at];
  if (character === undefined) throw new Found(`Unexpected end-of-input: was expecting ${what}`, text.length);
  if (character === '"') return string(text, at);
  const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(text.slice(at, at + 400))?.[0];
  if (number !== undefined) return at + number.length;
  const word = /^[\p{L}_$][\p{L}\p{N}_$]*/u.exec(text.slice(at, at + 400))?.[0];
  if (word === 'true' || word === 'false' || word === 'null') return at + word.length;
  if (word !== undefined) throw new Found(`Unrecognized token '${word}': was expecting ${VALUES}`, at + word.length);
  throw unexpected(text, at, `expected a valid value ${VALUES}`);
}

function string(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"') return at + 1;
    if (character === '\\') {
      const escaped = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))?.[0];
      if (escaped === undefined) {
        const next = text[at + 1] ?? '';
        throw new Found(`Unrecognized character escape '${next}' (code ${next.codePointAt(0) ?? 0})`, at + 2);
      }
      at += escaped.length - 1;
    } else if (character < ' ') {
      throw new Found(
        `Illegal unquoted character ((CTRL-CHAR, code ${character.codePointAt(0)})): has to be escaped using backslash to be included in string value`,
        at + 1,
      );
    }
  }
  throw new Found('Unexpected end-of-input: was expecting closing quote for a string value', text.length);
}
