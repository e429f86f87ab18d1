import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { AwsError } from '../../../aws-error.ts';
import type { JsonObject, RestRequest, RestResponse } from '../../../service.ts';
import { PAYLOAD_LIMIT_BYTES } from '../../interpreter/outcome.ts';
import { isObject } from '../../language/jsonpath.ts';
import type { HeaderType, RestOperation } from './rest-operation.ts';
import { readXmlAnswer } from './xml-answer.ts';

/** The members that the operation takes. */
export const membersOf = ({ path, query, headers, prefixed, body }: RestOperation): readonly string[] => [
  ...[...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name!),
  ...Object.keys(query ?? {}),
  ...Object.keys(headers ?? {}),
  ...(prefixed ? [prefixed.member] : []),
  ...(body ? [body.member] : []),
];

/** The request that says `input`. Throws AwsError when a member of the path is missing. */
export function restRequest(operation: RestOperation, input: JsonObject): RestRequest {
  const [pathTemplate = '', flag] = operation.path.split('?');
  const query = new URLSearchParams({ ...operation.fixedQuery, ...(flag !== undefined && { [flag]: '' }) });
  for (const [member, name] of Object.entries(operation.query ?? {})) {
    if (input[member] !== undefined) query.set(name, String(input[member]));
  }
  const headers: Record<string, string> = {};
  for (const [member, name] of Object.entries(operation.headers ?? {})) {
    if (input[member] !== undefined) headers[name] = asText(input[member]);
  }
  const { prefixed } = operation;
  const entries = prefixed ? input[prefixed.member] : undefined;
  if (prefixed && isObject(entries)) {
    for (const [name, value] of Object.entries(entries))
      headers[`${prefixed.prefix}${name.toLowerCase()}`] = String(value);
  }
  const body = bodyOf(operation, input);
  if (operation.method === 'PUT' || operation.method === 'POST') headers['content-length'] = String(body.length);
  if (operation.body?.as === 'blob' && operation.body.checksum && !hasChecksum(headers)) {
    headers[operation.body.checksum] = base64Crc32(body);
  }
  if (operation.body?.as === 'xml') headers['content-md5'] = createHash('md5').update(body).digest('base64');
  return {
    method: operation.method,
    rawPath: pathTemplate.replace(/\{(\w+)(\+?)\}/g, (_match, member: string, greedy: string) =>
      pathPart(input, member, greedy !== ''),
    ),
    query,
    headers,
    body: Readable.from(body.length > 0 ? [body] : []),
  };
}

function pathPart(input: JsonObject, member: string, greedy: boolean): string {
  const value = input[member];
  if (typeof value !== 'string' || value === '') {
    throw new AwsError('SdkClientException', `${member} cannot be null or empty.`);
  }
  return greedy ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
}

const hasChecksum = (headers: Readonly<Record<string, string>>): boolean =>
  Object.keys(headers).some((name) => name.startsWith('x-amz-checksum-') || name === 'content-md5');

function base64Crc32(body: Buffer): string {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(body));
  return digest.toString('base64');
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A blob is given as text; anything else is sent as its JSON. */
function bodyOf({ body }: RestOperation, input: JsonObject): Buffer {
  const value = body ? input[body.member] : undefined;
  if (!body || value === undefined) return Buffer.alloc(0);
  return Buffer.from(body.as === 'blob' ? asText(value) : xml(body.root, value));
}

function xml(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => xml(name, item)).join('');
  if (!isObject(value)) return `<${name}>${escapeXml(String(value))}</${name}>`;
  const inner = Object.entries(value).map(([member, item]) => xml(ELEMENTS[member] ?? member, item));
  return `<${name}>${inner.join('')}</${name}>`;
}

/** Lists whose elements are named in the singular. */
const ELEMENTS: Readonly<Record<string, string>> = { Objects: 'Object' };

const escapeXml = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a key may hold them
  text.replace(/[&<>"\u0000-\u001f]/g, (character) => `&#x${character.charCodeAt(0).toString(16)};`);

/** What the answer says, in the API's members. Throws AwsError for an answer that is an error. */
export async function readRestAnswer(operation: RestOperation, response: RestResponse): Promise<JsonObject> {
  const { headers = {}, statusCode } = response;
  const text = await readText(response);
  if (statusCode >= 300) throw errorOf(statusCode, text);
  const { answer = {}, prefixed } = operation;
  const members: JsonObject = {};
  for (const [member, [name, type]] of Object.entries(answer.headers ?? {})) {
    if (headers[name] !== undefined) members[member] = headerValue(headers[name], type);
  }
  if (answer.prefixed && prefixed) {
    members[prefixed.member] = Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => name.startsWith(prefixed.prefix))
        .map(([name, value]) => [name.slice(prefixed.prefix.length), value]),
    );
  }
  if (answer.status) members[answer.status] = statusCode;
  if (answer.text) members[answer.text] = text;
  if (answer.xml && text !== '') {
    const document = readXmlAnswer(text, answer.xml);
    Object.assign(members, answer.xmlMember ? { [answer.xmlMember]: document } : document);
  }
  if (answer.json && text !== '') Object.assign(members, withDates(JSON.parse(text), answer.json.dates ?? []));
  return members;
}

/** No more is read than what makes the task's result too large to be one. */
async function readText({ body }: RestResponse): Promise<string> {
  if (body === undefined || typeof body === 'string') return body ?? '';
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > PAYLOAD_LIMIT_BYTES) break;
  }
  return Buffer.concat(pieces).toString();
}

function headerValue(text: string, type: HeaderType): unknown {
  if (type === 'number') return Number(text);
  if (type === 'boolean') return text === 'true';
  return type === 'date' ? new Date(text) : text;
}

/** REST services throw what is wrong; S3 answers some of it itself, where headers go with it. */
function errorOf(statusCode: number, text: string): AwsError {
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return new AwsError(element('Code') ?? 'NotModified', element('Message') ?? 'null', statusCode);
}

function withDates(value: unknown, dates: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => withDates(item, dates));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      dates.includes(name) && typeof item === 'number' ? new Date(item * 1000) : withDates(item, dates),
    ]),
  );
}
