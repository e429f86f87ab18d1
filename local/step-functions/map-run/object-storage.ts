import { Readable } from 'node:stream';
import { AwsError } from '../../aws-error.ts';
import type { RestRequest, RestResponse } from '../../service.ts';

export interface ListedObject {
  readonly Etag: string;
  readonly Key: string;
  /** Seconds since the epoch. */
  readonly LastModified: number;
  readonly Size: number;
  readonly StorageClass: string;
}

export interface ListPage {
  readonly objects: readonly ListedObject[];
  readonly continuationToken: string | undefined;
}

/** What a map run needs of S3, in the name of the role whose ARN it gives. Errors are AwsError. */
export interface ObjectStorage {
  get(role: StorageRole, bucket: string, key: string, versionId: string | undefined): Promise<Readable>;
  list(role: StorageRole, bucket: string, prefix: string, continuationToken: string | undefined): Promise<ListPage>;
  put(role: StorageRole, bucket: string, key: string, body: Readable, bytes: number): Promise<void>;
}

/** The state machine's role, in a session named for the execution. */
export interface StorageRole {
  readonly roleArn: string;
  readonly sessionName: string;
}

/** S3 through its own wire format: `send` answers a request as the role. */
export function restObjectStorage(
  send: (request: RestRequest, role: StorageRole) => Promise<RestResponse>,
): ObjectStorage {
  const request = (
    method: string,
    rawPath: string,
    query: Record<string, string>,
    more: Partial<RestRequest> = {},
  ) => ({
    method,
    rawPath,
    query: new URLSearchParams(query),
    headers: {},
    body: Readable.from([]),
    ...more,
  });
  return {
    async get(role, bucket, key, versionId) {
      const query = versionId === undefined ? {} : { versionId };
      return bodyOf(await answered(send(request('GET', pathOf(bucket, key), query), role)));
    },
    async list(role, bucket, prefix, continuationToken) {
      const query = {
        'list-type': '2',
        prefix,
        'encoding-type': 'url',
        ...(continuationToken !== undefined && { 'continuation-token': continuationToken }),
      };
      const answer = await answered(send(request('GET', `/${encodeURIComponent(bucket)}`, query), role));
      return readPage(await textOf(bodyOf(answer)));
    },
    async put(role, bucket, key, body, bytes) {
      const headers = { 'content-length': String(bytes), 'content-type': 'application/json' };
      await answered(send(request('PUT', pathOf(bucket, key), {}, { headers, body }), role));
    },
  };
}

const pathOf = (bucket: string, key: string): string =>
  `/${encodeURIComponent(bucket)}/${key.split('/').map(encodeURIComponent).join('/')}`;

/** S3 says of some things that they are not there by an answer instead of an error. */
async function answered(response: Promise<RestResponse>): Promise<RestResponse> {
  const answer = await response;
  if (answer.statusCode < 300) return answer;
  const text = await textOf(bodyOf(answer));
  throw new AwsError(element(text, 'Code') ?? 'InternalError', element(text, 'Message') ?? text, answer.statusCode);
}

function bodyOf({ body }: RestResponse): Readable {
  if (body instanceof Readable) return body;
  return Readable.from(body === undefined || body.length === 0 ? [] : [Buffer.from(body)]);
}

export async function textOf(body: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

/** The members of a ListObjectsV2 answer, whose keys came percent-encoded so that no XML entity can stand in them. */
function readPage(xml: string): ListPage {
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, inner]) => ({
    Etag: unescaped(element(inner!, 'ETag') ?? ''),
    Key: decodeURIComponent((element(inner!, 'Key') ?? '').replaceAll('+', ' ')),
    LastModified: Date.parse(element(inner!, 'LastModified') ?? '') / 1000,
    Size: Number(element(inner!, 'Size')),
    StorageClass: element(inner!, 'StorageClass') ?? 'STANDARD',
  }));
  const token = element(xml, 'NextContinuationToken');
  return { objects, continuationToken: token === undefined ? undefined : unescaped(token) };
}

const element = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1];

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
