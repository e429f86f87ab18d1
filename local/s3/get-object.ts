import { AwsError } from '../aws-error.ts';
import type { RestResponse } from '../service.ts';
import { mayLearn, requireAccess } from './access.ts';
import { checksumHeaders, describeObject, versionHeaders } from './object-headers.ts';
import { lockHeaders } from './object-lock.ts';
import type { ObjectStore } from './objects.ts';
import { judgeReadConditions } from './preconditions.ts';
import { type ByteRange, parseRange } from './range.ts';
import { header, type ObjectRequest, readVersionId, takeOnly } from './request.ts';
import { invalidArgument, noSuchKey, noSuchVersion } from './s3-error.ts';
import { findVersion } from './stored-object.ts';
import type { ObjectContent, Version } from './versions.ts';
import { writeErrorXml } from './xml.ts';

/** Query parameter → the header of the answer that it replaces. */
const OVERRIDES: Readonly<Record<string, string>> = {
  'response-content-type': 'content-type',
  'response-content-language': 'content-language',
  'response-expires': 'expires',
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
};

/** GetObject and, without a body, HeadObject. */
export async function getObject(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  const head = rest.method === 'HEAD';
  takeOnly(
    head ? 'HeadObject' : 'GetObject',
    request,
    ['versionId', 'partNumber', ...Object.keys(OVERRIDES)],
    ['x-amz-checksum-mode'],
  );
  const versionId = readVersionId(rest.query);
  requireAccess({
    call,
    action: versionId === undefined ? 'GetObject' : 'GetObjectVersion',
    bucket,
    key,
    ...(versionId === undefined ? {} : { context: { 's3:VersionId': versionId } }),
  });
  const version = findVersion(store, bucket, key, versionId);
  if (!version) throw missing(request, versionId);
  if (!version.content) return deleteMarkerAnswer(request, version, versionId !== undefined);
  // The head alone is not encrypted, but for the checksum of what is.
  const isSealed = !head || rest.headers['x-amz-checksum-mode'] !== undefined;
  const dataKey = isSealed ? await store.dataKeys.open(request, version.content.encryption) : undefined;
  return answerObject(store, request, version, version.content, { head, dataKey });
}

/** Who may not list the bucket does not learn what is not in it. */
function missing({ bucket, call, key }: ObjectRequest, versionId: string | undefined): AwsError {
  requireAccess({ call, action: 'ListBucket', bucket, context: { 's3:prefix': key } });
  return versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
}

function deleteMarkerAnswer({ bucket, key, call }: ObjectRequest, version: Version, byVersion: boolean): RestResponse {
  const error = byVersion
    ? new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {
        Method: 'GET',
        ResourceType: 'DeleteMarker',
      })
    : noSuchKey(key);
  return {
    statusCode: error.statusCode,
    headers: {
      'content-type': 'application/xml',
      'x-amz-delete-marker': 'true',
      ...versionHeaders(bucket, version),
      ...(byVersion ? { 'last-modified': new Date(version.modifiedAtMs).toUTCString() } : {}),
    },
    body: writeErrorXml(error, call.requestId),
  };
}

function answerObject(
  { bodies }: ObjectStore,
  request: ObjectRequest,
  version: Version,
  content: ObjectContent,
  { head, dataKey }: { readonly head: boolean; readonly dataKey: Uint8Array | undefined },
): RestResponse {
  const { rest, bucket } = request;
  const { headers } = rest;
  const described = describeObject(bucket, version, content);
  if (judgeReadConditions(headers, { etag: content.etag, modifiedAtMs: version.modifiedAtMs }) === 'not-modified') {
    const { etag = '', 'last-modified': modified = '' } = described;
    return { statusCode: 304, headers: { etag, 'last-modified': modified, ...versionHeaders(bucket, version) } };
  }
  const part = partRange(rest.query.get('partNumber'), content);
  const range = part?.range ?? parseRange(header(headers, 'range'), content.bytes);
  const { start, end } = range ?? { start: 0, end: content.bytes };
  const whole = start === 0 && end === content.bytes;
  return {
    statusCode: range ? 206 : 200,
    headers: {
      ...described,
      ...lockHeaders(request, content),
      ...taggingCount(request, content),
      ...overrides(rest.query),
      'content-length': String(end - start),
      ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${content.bytes}` } : {}),
      ...(part ? { 'x-amz-mp-parts-count': String(part.count) } : {}),
      // A checksum is of the whole object: S3 gives none for a piece.
      ...(header(headers, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' && whole ? checksumHeaders(content) : {}),
    },
    ...(head
      ? {}
      : {
          body:
            bodies.readSmall(content.segments, start, end, dataKey) ??
            bodies.read(content.segments, start, end, dataKey),
        }),
  };
}

const overrides = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    Object.entries(OVERRIDES).flatMap(([parameter, name]) => {
      const value = query.get(parameter);
      if (value === null) return [];
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
        throw invalidArgument('Header value cannot be represented using ISO-8859-1.', parameter, value);
      }
      return [[name, value]];
    }),
  );

/** How many tags there are, for who may read them. */
function taggingCount(
  { call, bucket, key, rest }: ObjectRequest,
  { tags = {} }: ObjectContent,
): Record<string, string> {
  const count = Object.keys(tags).length;
  const action = rest.query.has('versionId') ? 'GetObjectVersionTagging' : 'GetObjectTagging';
  return count > 0 && mayLearn({ call, action, bucket, key }) ? { 'x-amz-tagging-count': String(count) } : {};
}

function partRange(
  text: string | null,
  { segments, etag }: ObjectContent,
): { range: ByteRange; count: number } | undefined {
  if (text === null) return undefined;
  const number = Number(text);
  const parts = etag.includes('-') ? segments : [{ bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0) }];
  if (!Number.isInteger(number) || number < 1) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', text);
  }
  const part = parts[number - 1];
  if (!part) throw new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416);
  const start = parts.slice(0, number - 1).reduce((sum, { bytes }) => sum + bytes, 0);
  return { range: { start, end: start + part.bytes }, count: parts.length };
}
