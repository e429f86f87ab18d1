import { XMLParser } from 'fast-xml-parser';

/** What an element's text, or its children, mean. A list is an element that is repeated, with or without others around it. */
export type XmlShape = 'text' | 'number' | 'boolean' | 'date' | XmlList | XmlStructure;
export interface XmlList {
  readonly list: XmlShape;
  /** The repeated element, where it stands inside the named one (`<Buckets><Bucket>…`). */
  readonly of?: string;
}
export interface XmlStructure {
  readonly members: Readonly<Record<string, XmlShape>>;
  /** Member → element, where they differ (`Versions` is a list of `<Version>`). */
  readonly elements?: Readonly<Record<string, string>>;
}

type Node = string | { readonly [name: string]: Node | readonly Node[] };

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
});

/** A document as the API's JSON. `shape` says what stands inside the root element. */
export function readXmlAnswer(text: string, shape: XmlShape): unknown {
  const [root = ''] = Object.values(parser.parse(text) as Record<string, Node>);
  return value(root, shape);
}

function value(node: Node, shape: XmlShape): unknown {
  if (typeof shape === 'string') return scalar(typeof node === 'string' ? node : '', shape);
  if ('list' in shape) {
    const items = shape.of === undefined ? [node] : children(node, shape.of);
    return items.map((item) => value(item, shape.list));
  }
  const read = Object.entries(shape.members).map(([member, inner]): [string, unknown] => {
    const found = children(node, shape.elements?.[member] ?? member);
    if (found.length === 0) return [member, undefined];
    if (typeof inner === 'object' && 'list' in inner && inner.of === undefined) {
      return [member, found.map((item) => value(item, inner.list))];
    }
    return [member, value(found[0]!, inner)];
  });
  return Object.fromEntries(read.filter(([, item]) => item !== undefined));
}

function children(node: Node, name: string): readonly Node[] {
  if (typeof node === 'string' || !Object.hasOwn(node, name)) return [];
  const found = node[name] as Node | readonly Node[];
  return Array.isArray(found) ? found : [found as Node];
}

function scalar(text: string, shape: 'text' | 'number' | 'boolean' | 'date'): unknown {
  if (shape === 'number') return Number(text);
  if (shape === 'boolean') return text === 'true';
  return shape === 'date' ? new Date(text) : text;
}
