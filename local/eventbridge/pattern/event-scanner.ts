/** Names of fields from the outermost on. `path` is the number of the path that ends here, where somebody asks for it. */
interface PathNode {
  readonly children: Map<string, PathNode>;
  path: number | undefined;
}

const newNode = (): PathNode => ({ children: new Map(), path: undefined });

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Reads the values at the paths that were asked for and skips everything else: much faster than reading all fields, since most of an event is of
 * no interest to any rule. The text has to be JSON (events are checked when they are taken in); where that shows, it throws.
 */
export class EventScanner {
  readonly #root = newNode();
  readonly #values: string[][] = [];
  readonly #filled: number[] = [];
  #text = '';
  #at = 0;
  #hasEscapes = false;
  #sawElements = false;

  /** The number by which the values at a path (names joined by dots) are asked for. */
  addPath(path: string): number {
    let node = this.#root;
    for (const name of path.split('.')) {
      let child = node.children.get(name);
      if (!child) {
        child = newNode();
        node.children.set(name, child);
      }
      node = child;
    }
    node.path ??= this.#values.push([]) - 1;
    return node.path;
  }

  /** Whether a value that was read lies in an element of an array, so that it matters which values are of one element. */
  get sawElements(): boolean {
    return this.#sawElements;
  }

  /** The values of the event that was scanned last: strings with their quotes, the others as written. */
  valuesAt(path: number): readonly string[] {
    return this.#values[path] as string[];
  }

  scan(eventText: string): void {
    for (const path of this.#filled) (this.#values[path] as string[]).length = 0;
    this.#filled.length = 0;
    this.#text = eventText;
    this.#at = 0;
    this.#hasEscapes = eventText.includes('\\');
    this.#sawElements = false;
    if (this.#next() !== OPEN_OBJECT) throw new Error('Event must be a JSON object');
    this.#object(this.#root, false);
  }

  /** The code of the next character that is no space, which becomes the current one. */
  #next(): number {
    let code = this.#text.charCodeAt(this.#at);
    while (code === 32 || code === 10 || code === 13 || code === 9) code = this.#text.charCodeAt(++this.#at);
    return code;
  }

  #object(node: PathNode, inElement: boolean): void {
    this.#at++;
    let code = this.#next();
    if (code === CLOSE_OBJECT) {
      this.#at++;
      return;
    }
    for (;;) {
      if (code !== QUOTE) throw this.#unexpected();
      const child = childOf(node, this.#string(false));
      if (this.#next() !== COLON) throw this.#unexpected();
      this.#at++;
      if (child) this.#value(child, inElement);
      else this.#skip();
      code = this.#next();
      this.#at++;
      if (code === CLOSE_OBJECT) return;
      if (code !== COMMA) throw this.#unexpected();
      code = this.#next();
    }
  }

  #array(node: PathNode, inElement: boolean): void {
    this.#at++;
    let code = this.#next();
    if (code === CLOSE_ARRAY) {
      this.#at++;
      return;
    }
    for (;;) {
      // A plain value of an array is of no element: two fields may take it from different ones.
      this.#value(node, inElement || code === OPEN_OBJECT || code === OPEN_ARRAY);
      code = this.#next();
      this.#at++;
      if (code === CLOSE_ARRAY) return;
      if (code !== COMMA) throw this.#unexpected();
      code = this.#next();
    }
  }

  #value(node: PathNode, inElement: boolean): void {
    switch (this.#next()) {
      case OPEN_OBJECT:
        if (node.children.size === 0) this.#skip();
        else this.#object(node, inElement);
        return;
      case OPEN_ARRAY:
        this.#array(node, inElement);
        return;
      case QUOTE:
        if (node.path === undefined) this.#skip();
        else this.#add(node.path, this.#string(true), inElement);
        return;
      default: {
        const from = this.#at;
        this.#skipScalar();
        if (node.path !== undefined) this.#add(node.path, this.#text.slice(from, this.#at), inElement);
      }
    }
  }

  #add(path: number, value: string, inElement: boolean): void {
    const values = this.#values[path] as string[];
    if (values.length === 0) this.#filled.push(path);
    values.push(value);
    if (inElement) this.#sawElements = true;
  }

  #string(withQuotes: boolean): string {
    const from = this.#at;
    const to = this.#stringEnd(from);
    this.#at = to + 1;
    const plain = withQuotes ? this.#text.slice(from, to + 1) : this.#text.slice(from + 1, to);
    if (!this.#hasEscapes || !plain.includes('\\')) return plain;
    const decoded = JSON.parse(this.#text.slice(from, to + 1)) as string;
    return withQuotes ? `"${decoded}"` : decoded;
  }

  /** Where the string that begins at `from` has its closing quote. */
  #stringEnd(from: number): number {
    let to = this.#text.indexOf('"', from + 1);
    while (to > 0 && this.#hasEscapes && this.#isEscaped(to)) to = this.#text.indexOf('"', to + 1);
    if (to < 0) throw this.#unexpected();
    return to;
  }

  #isEscaped(quote: number): boolean {
    let before = quote;
    while (this.#text.charCodeAt(before - 1) === 92) before--;
    return (quote - before) % 2 === 1;
  }

  #skip(): void {
    const code = this.#next();
    if (code === QUOTE) {
      this.#at = this.#stringEnd(this.#at) + 1;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      this.#skipNested();
    } else {
      this.#skipScalar();
    }
  }

  #skipNested(): void {
    let at = this.#at;
    for (let depth = 0; ; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === QUOTE) at = this.#stringEnd(at);
      else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++;
      else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
        if (--depth === 0) break;
      } else if (Number.isNaN(code)) throw this.#unexpected();
    }
    this.#at = at + 1;
  }

  #skipScalar(): void {
    let code = this.#text.charCodeAt(this.#at);
    while (code > 32 && code !== COMMA && code !== CLOSE_OBJECT && code !== CLOSE_ARRAY) {
      code = this.#text.charCodeAt(++this.#at);
    }
  }

  #unexpected(): Error {
    return new Error(`Event is not JSON at character ${this.#at}`);
  }
}

/** A name with dots in it stands for as many names: patterns cannot tell the two. */
function childOf(node: PathNode, name: string): PathNode | undefined {
  const child = node.children.get(name);
  if (child || !name.includes('.')) return child;
  let inner: PathNode | undefined = node;
  for (const part of name.split('.')) inner = inner?.children.get(part);
  return inner;
}
