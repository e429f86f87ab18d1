import { type Document, isAlias, isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { DefinitionProblem } from './parse.ts';

const MAX_CHARACTERS = 256 * 1024;
/** Enough to share a gate between environments, too few for aliases of aliases to grow (a "billion laughs" file). */
const MAX_ALIASES = 50;
/** One broken line makes many. */
const MAX_FAULTS = 20;

export interface YamlText {
  readonly ok: true;
  readonly value: unknown;
  /** Where the field of that path stands; for a field that is not there, the nearest one around it. */
  locate(path: readonly (string | number)[]): Place;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

type Result = YamlText | { readonly ok: false; readonly problems: readonly DefinitionProblem[] };

/**
 * YAML 1.2 core: `No`, `off` and `1_000` are text. Duplicate keys, unknown tags and several documents are problems. `example`: what to
 * start from where the file is empty.
 */
export function readYaml(text: string, example = 'examples/credit-risk/model.yaml'): Result {
  if (text.length > MAX_CHARACTERS)
    return problem({ line: 1, column: 1 }, `has ${text.length} characters, at most ${MAX_CHARACTERS} are accepted`);
  if (text.trim() === '') return problem({ line: 1, column: 1 }, 'is empty', `start from ${example}`);

  const lineCounter = new LineCounter();
  try {
    return read(text, lineCounter);
  } catch (error) {
    // yaml recurses into nested collections, and throws a ReferenceError when aliases expand too often.
    if (error instanceof RangeError) return problem({ line: 1, column: 1 }, 'is nested too deeply');
    if (error instanceof ReferenceError)
      return problem({ line: 1, column: 1 }, `has aliases that expand to more than ${MAX_ALIASES} copies`);
    throw error;
  }
}

function read(text: string, lineCounter: LineCounter): Result {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    merge: false,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter,
  });
  const place = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const faults = [...document.errors, ...document.warnings];
  // yaml reports its own stack overflow as a fault of the text.
  if (faults.some((fault) => fault.message.includes('call stack')))
    return problem({ line: 1, column: 1 }, 'is nested too deeply');
  if (faults.length > 0)
    return {
      ok: false,
      problems: faults.slice(0, MAX_FAULTS).map((fault) => ({
        path: '',
        ...place(fault.pos[0]),
        message: `is not valid YAML: ${fault.message}`,
      })),
    };
  return {
    ok: true,
    value: document.toJS({ maxAliasCount: MAX_ALIASES }),
    locate: (path) => place(offsetOf(document, path)),
  };
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node = document.contents as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const key of path) {
    const found = childOf(document, node, key);
    if (found === undefined) break;
    node = found.node;
    offset = found.offset;
  }
  return offset;
}

function childOf(
  document: Document,
  parent: Node | null,
  key: string | number,
): { node: Node | null; offset: number } | undefined {
  const collection = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(collection)) {
    const node = collection.items[Number(key)] as Node | undefined;
    return node?.range ? { node, offset: node.range[0] } : undefined;
  }
  if (!isMap(collection)) return undefined;
  const pair = collection.items.find(
    (item) => isPair(item) && String((item.key as { value?: unknown }).value) === String(key),
  );
  const keyNode = pair?.key as Node | undefined;
  return pair && keyNode?.range ? { node: pair.value as Node | null, offset: keyNode.range[0] } : undefined;
}

const problem = ({ line, column }: Place, message: string, hint?: string): Result => ({
  ok: false,
  problems: [{ path: '', line, column, message, ...(hint === undefined ? {} : { hint }) }],
});
