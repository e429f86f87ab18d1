import { JsonSyntaxError, JsonTokens } from './pattern/json-tokens.ts';

/** A JSON value with its compact text, in which numbers stand as they were written. */
export interface JsonNode {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'literal';
  readonly raw: string;
  /** The decoded string; the raw text for numbers, booleans and null. */
  readonly text: string;
  /** Of an object; of members with one name the last. */
  readonly members?: ReadonlyMap<string, JsonNode>;
  readonly items?: readonly JsonNode[];
}

/** Throws JsonSyntaxError. */
export function parseJsonNode(source: string): JsonNode {
  const tokens = new JsonTokens(source);
  if (tokens.next() === 'end') throw new JsonSyntaxError('No content to map due to end-of-input', 0);
  const node = readNode(tokens);
  if (source.slice(tokens.offset).trim() !== '') {
    throw new JsonSyntaxError('Trailing token found after value', tokens.offset);
  }
  return node;
}

function readNode(tokens: JsonTokens): JsonNode {
  switch (tokens.type) {
    case 'start-object': {
      const members = new Map<string, JsonNode>();
      while (tokens.next() !== 'end-object') {
        const name = tokens.text;
        tokens.next();
        members.set(name, readNode(tokens));
      }
      const raw = `{${[...members].map(([name, { raw }]) => `${JSON.stringify(name)}:${raw}`).join(',')}}`;
      return { kind: 'object', raw, text: raw, members };
    }
    case 'start-array': {
      const items: JsonNode[] = [];
      while (tokens.next() !== 'end-array') items.push(readNode(tokens));
      const raw = `[${items.map((item) => item.raw).join(',')}]`;
      return { kind: 'array', raw, text: raw, items };
    }
    case 'string':
      return { kind: 'string', raw: JSON.stringify(tokens.text), text: tokens.text };
    default:
      return { kind: tokens.type === 'number' ? 'number' : 'literal', raw: tokens.text, text: tokens.text };
  }
}

const STEP = /\.([^.[\]]+)|\[([0-9]+)\]|\['([^']*)'\]|\["([^"]*)"\]/y;

/** The steps of a JSON path such as `$.detail.items[0]`, or undefined when it is no path that EventBridge takes. */
export function parseJsonPath(path: string): readonly (string | number)[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const match = STEP.exec(path);
    if (!match) return undefined;
    const [, name, index, single, double] = match;
    if (name === '*') return undefined;
    steps.push(index === undefined ? (name ?? single ?? double ?? '') : Number(index));
  }
  return steps;
}

export function nodeAt(node: JsonNode, steps: readonly (string | number)[]): JsonNode | undefined {
  let current: JsonNode | undefined = node;
  for (const step of steps) {
    current = typeof step === 'number' ? current?.items?.[step] : current?.members?.get(step);
  }
  return current;
}
