import { AwsError } from '../aws-error.ts';
import type { Call, RestResponse } from '../service.ts';
import { assertExpectedOwner, requireAccess } from './access.ts';
import type { Bucket } from './buckets.ts';
import { createHasher, DEFAULT_ALGORITHM, parseAlgorithm } from './checksum.ts';
import { encryptionHeaders, requestedEncryption, writtenEtag } from './encryption.ts';
import { admitNewObject, type NewObjectTraits } from './new-object.ts';
import { readDescription, versionHeaders, WRITE_HEADERS } from './object-headers.ts';
import { commitObject, type ObjectStore } from './objects.ts';
import { assertWriteConditions, judgeReadConditions } from './preconditions.ts';
import { entityTooLarge } from './receive-body.ts';
import { header, type ObjectRequest, parsePath, readVersionId, takeOnly } from './request.ts';
import { invalidArgument, invalidRequest, noSuchBucket, noSuchKey, noSuchVersion } from './s3-error.ts';
import { findVersion } from './stored-object.ts';
import { type Tags, tagContext } from './tags.ts';
import type { ObjectContent, Version } from './versions.ts';
import { writeXml, type XmlElement } from './xml.ts';

const MAX_COPY_BYTES = 5 * 1024 ** 3;

export const COPY_SOURCE_HEADERS: readonly (string | RegExp)[] = [
  'x-amz-copy-source',
  /^x-amz-copy-source-if-(match|none-match|modified-since|unmodified-since)$/,
  'x-amz-source-expected-bucket-owner',
];

/** The S3 of whichever account owns a bucket. */
export type FindStore = (bucketName: string) => ObjectStore | undefined;

/** The object that a copy reads, in its own account's store. */
export interface CopySource {
  readonly store: ObjectStore;
  readonly bucket: Bucket;
  readonly version: Version;
  readonly content: ObjectContent;
  /** Undefined for bytes that are stored plain. */
  readonly dataKey: Uint8Array | undefined;
}

/** Finds the source of a copy and judges the caller by that bucket's policy, and the copy-source conditions. */
export async function openCopySource({ rest, call }: ObjectRequest, findStore: FindStore): Promise<CopySource> {
  const text = header(rest.headers, 'x-amz-copy-source') as string;
  const [path = '', query = ''] = text.split('?', 2);
  const { bucketName, key } = parsePath(path.startsWith('/') ? path : `/${path}`);
  const versionId = readVersionId(new URLSearchParams(query));
  if (key === undefined || bucketName.startsWith('arn:')) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      text,
    );
  }
  const store = findStore(bucketName);
  if (!store) throw noSuchBucket(bucketName);
  const bucket = store.buckets.get(bucketName);
  assertExpectedOwner(rest, store.ctx.accountId, 'x-amz-source-expected-bucket-owner');
  const asReader: Call = { ...call, accountId: store.ctx.accountId };
  requireAccess({ call: asReader, action: versionId === undefined ? 'GetObject' : 'GetObjectVersion', bucket, key });
  const version = findVersion(store, bucket, key, versionId);
  if (!version) throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
  if (!version.content) {
    if (versionId === undefined) throw noSuchKey(key);
    throw invalidRequest('The source of a copy request may not specifically refer to a delete marker by version id.');
  }
  judgeReadConditions(rest.headers, { etag: version.content.etag, modifiedAtMs: version.modifiedAtMs }, 'copy');
  const dataKey = await store.dataKeys.open({ call: asReader, bucket, key }, version.content.encryption);
  return { store, bucket, version, content: version.content, dataKey };
}

/** CopyObject: new bytes of its own, so that source and copy live and die apart. */
export async function copyObject(
  store: ObjectStore,
  request: ObjectRequest,
  findStore: FindStore,
): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly(
    'CopyObject',
    request,
    [],
    [
      ...WRITE_HEADERS,
      ...COPY_SOURCE_HEADERS,
      'x-amz-metadata-directive',
      'x-amz-checksum-algorithm',
      'x-amz-tagging-directive',
    ],
  );
  const traits = admitNewObject(request, store.ctx.clock.now());
  const source = await openCopySource(request, findStore);
  const tags = copiedTags(request, source, traits);
  if (source.content.bytes > MAX_COPY_BYTES) throw entityTooLarge();
  const replaces = readDirective(request, 'metadata');
  assertChanges(request, source, replaces);
  const wantedEncryption = requestedEncryption(rest.headers, bucket.settings.encryption);
  const { dataKey, encryption } = await store.dataKeys.generate(request, wantedEncryption);
  const description = replaces
    ? readDescription(rest.headers)
    : { metadata: source.content.metadata, headers: source.content.headers };

  const wanted = header(rest.headers, 'x-amz-checksum-algorithm');
  const algorithm =
    wanted === undefined ? (source.content.checksum?.algorithm ?? DEFAULT_ALGORITHM) : parseAlgorithm(wanted);
  const [md5, hasher] = [createHasher('MD5'), createHasher(algorithm)];
  const segment = await store.bodies.write({
    bytes: source.store.bodies.read(source.content.segments, 0, source.content.bytes, source.dataKey),
    dataKey,
    hashers: [md5, hasher],
    limitBytes: MAX_COPY_BYTES,
    tooLarge: entityTooLarge,
  });
  const content: ObjectContent = {
    ...description,
    ...traits,
    tags,
    encryption,
    checksum: { algorithm, type: 'FULL_OBJECT', value: hasher.digest().toString('base64') },
    bytes: segment.bytes,
    etag: writtenEtag(encryption, md5.digest(), store.ctx.ids),
    segments: [segment],
  };
  try {
    const { bucket: current, version } = await store.commits.run(() =>
      commitObject(store, { bucketName: bucket.name, key, content, reason: 'CopyObject', call }, (latest) =>
        assertWriteConditions(rest.headers, key, latest),
      ),
    );
    return {
      statusCode: 200,
      headers: {
        'content-type': 'application/xml',
        ...versionHeaders(current, version),
        ...encryptionHeaders(encryption),
        ...(source.bucket.versioning === undefined ? {} : { 'x-amz-copy-source-version-id': source.version.versionId }),
      },
      body: writeXml('CopyObjectResult', copyResult(content, version.modifiedAtMs)),
    };
  } catch (error) {
    store.bodies.remove([segment]);
    throw error;
  }
}

export const copyResult = (
  { etag, checksum }: Pick<ObjectContent, 'etag' | 'checksum'>,
  modifiedAtMs: number,
): readonly XmlElement[] => [
  ['LastModified', new Date(modifiedAtMs).toISOString()],
  ['ETag', `"${etag}"`],
  ...(checksum
    ? ([
        [`Checksum${checksum.algorithm}`, checksum.value],
        ['ChecksumType', checksum.type],
      ] as const)
    : []),
];

/** Whether the request replaces what the source carries. */
function readDirective({ rest }: ObjectRequest, of: 'metadata' | 'tagging'): boolean {
  const name = `x-amz-${of}-directive`;
  const directive = header(rest.headers, name) ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw invalidArgument(`Unknown ${of} directive.`, name, directive);
  }
  return directive === 'REPLACE';
}

/** Tags go along only for who may read them there and put them here. */
function copiedTags(
  request: ObjectRequest,
  { store, bucket, version, content }: CopySource,
  { tags }: NewObjectTraits,
): Tags | undefined {
  if (readDirective(request, 'tagging')) return tags;
  if (content.tags === undefined || Object.keys(content.tags).length === 0) return undefined;
  const { call } = request;
  const asReader: Call = { ...call, accountId: store.ctx.accountId };
  requireAccess({ call: asReader, action: 'GetObjectTagging', bucket, key: version.key });
  const context = tagContext(content.tags);
  requireAccess({ call, action: 'PutObjectTagging', bucket: request.bucket, key: request.key, context });
  return content.tags;
}

function assertChanges({ bucket, key, rest }: ObjectRequest, source: CopySource, replaces: boolean): void {
  const ontoItself = source.bucket.name === bucket.name && source.version.key === key && source.version.isLatest;
  if (!ontoItself || replaces || rest.headers['x-amz-server-side-encryption'] !== undefined) return;
  throw new AwsError(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}
