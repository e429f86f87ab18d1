import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { AwsError } from '../aws-error.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** An element's content: text, or child elements in order. Undefined children are left out. */
export type XmlContent = string | number | boolean | readonly XmlElement[];
export type XmlElement = readonly [name: string, content: XmlContent | undefined];

export function writeXml(root: string, content: XmlContent): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${writeContent(content)}</${root}>`;
}

const writeContent = (content: XmlContent): string =>
  typeof content === 'object' ? writeElements(content) : escapeXml(String(content));

const writeElements = (elements: readonly XmlElement[]): string =>
  elements
    .map(([name, content]) => (content === undefined ? '' : `<${name}>${writeContent(content)}</${name}>`))
    .join('');

/** Control characters become references, as S3 writes them: a key may hold them, though XML 1.0 does not like it. */
const escapeXml = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is being looked for
  text.replace(/[&<>"\u0000-\u0008\u000b-\u001f]/g, characterReference);

const characterReference = (character: string): string =>
  NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16)};`;

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export type XmlNode = string | { readonly [name: string]: XmlNode | readonly XmlNode[] };

const MAX_DEPTH = 12;

/**
 * Reads a request document into nested objects of text. Entities stay as they are until `textOf` decodes the five of XML
 * and character references: a document type cannot define others.
 */
export function readXml(text: string, root: string): XmlNode {
  if (/<!DOCTYPE|<!ENTITY/i.test(text) || XMLValidator.validate(text) !== true || depthOf(text) > MAX_DEPTH)
    throw malformedXml();
  const parser = new XMLParser({
    processEntities: false,
    parseTagValue: false,
    trimValues: false,
    ignoreAttributes: true,
    removeNSPrefix: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
  let parsed: Record<string, XmlNode>;
  try {
    parsed = parser.parse(text) as Record<string, XmlNode>;
  } catch {
    // It is well formed, but has names that the parser does not take (`__proto__`).
    throw malformedXml();
  }
  const node = Object.hasOwn(parsed, root) ? parsed[root] : undefined;
  if (node === undefined) throw malformedXml();
  return node;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, closing, empty] of text.matchAll(/<(\/)?[^\s!?/<>](?:"[^"]*"|'[^']*'|[^<>"'])*?(\/)?>/g)) {
    depth += closing ? -1 : empty ? 0 : 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

export const malformedXml = (): AwsError =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

/** All children of that name. */
export function childrenOf(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  if (typeof node !== 'object' || !Object.hasOwn(node, name)) return [];
  const child = node[name] as XmlNode | readonly XmlNode[];
  return Array.isArray(child) ? (child as readonly XmlNode[]) : [child as XmlNode];
}

/** The text of the first child of that name; undefined when there is none. */
export function textOf(node: XmlNode | undefined, name: string): string | undefined {
  const [child] = childrenOf(node, name);
  if (child === undefined) return undefined;
  if (typeof child !== 'string') throw malformedXml();
  return decodeEntities(child);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decodeEntities = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g,
    (_whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        const character = ENTITIES[name];
        if (character === undefined) throw malformedXml();
        return character;
      }
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      if (code > 0x10ffff) throw malformedXml();
      return String.fromCodePoint(code);
    },
  );

/** An error document, where the answer needs headers that an AwsError does not carry. */
export const writeErrorXml = (error: AwsError, requestId: string): string => {
  const fields = Object.entries(error.fields).map(([name, value]): XmlElement => [name, String(value)]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${writeElements([
    ['Code', error.code],
    ['Message', error.message],
    ...fields,
    ['RequestId', requestId],
    ['HostId', requestId],
  ])}</Error>`;
};
