import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { RestResponse } from '../service.ts';
import { requireAccess, writeContext } from './access.ts';
import {
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumHeader,
  checksumOfParts,
  claimedChecksum,
  createHasher,
  DEFAULT_ALGORITHM,
  parseAlgorithm,
} from './checksum.ts';
import { COPY_SOURCE_HEADERS, copyResult, type FindStore, openCopySource } from './copy-object.ts';
import { encryptionHeaders, requestedEncryption, writtenEtag } from './encryption.ts';
import { admitNewObject } from './new-object.ts';
import { readDescription, versionHeaders, WRITE_HEADERS } from './object-headers.ts';
import { commitObject, type ObjectStore } from './objects.ts';
import { assertWriteConditions } from './preconditions.ts';
import { parseRange } from './range.ts';
import { entityTooLarge, receiveBody } from './receive-body.ts';
import { header, type ObjectRequest, takeOnly } from './request.ts';
import { readDocument } from './request-document.ts';
import { invalidArgument, invalidRequest, noSuchUpload } from './s3-error.ts';
import type { Part, Upload } from './uploads.ts';
import type { ObjectContent } from './versions.ts';
import { childrenOf, malformedXml, readXml, textOf, writeXml } from './xml.ts';

const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PART_NUMBER = 10_000;
const MAX_PART_BYTES = 5 * 1024 ** 3;
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
const XML = { 'content-type': 'application/xml' };

/** CreateMultipartUpload */
export async function createUpload(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, bucket, key } = request;
  takeOnly(
    'CreateMultipartUpload',
    request,
    ['uploads'],
    [...WRITE_HEADERS, 'x-amz-checksum-algorithm', 'x-amz-checksum-type'],
  );
  const traits = admitNewObject(request, store.ctx.clock.now());
  const wanted = requestedEncryption(rest.headers, bucket.settings.encryption);
  const { encryption } = await store.dataKeys.generate(request, wanted);
  const { algorithm, checksumType } = readChecksumPlan(request);
  const upload = store.uploads.begin(bucket, {
    key,
    description: { ...readDescription(rest.headers), ...traits, encryption },
    algorithm,
    algorithmGiven: rest.headers['x-amz-checksum-algorithm'] !== undefined,
    checksumType,
  });
  return {
    statusCode: 200,
    headers: {
      ...XML,
      ...encryptionHeaders(encryption),
      'x-amz-checksum-algorithm': algorithm,
      'x-amz-checksum-type': checksumType,
    },
    body: writeXml('InitiateMultipartUploadResult', [
      ['Bucket', bucket.name],
      ['Key', key],
      ['UploadId', upload.uploadId],
    ]),
  };
}

function readChecksumPlan({ rest }: ObjectRequest): { algorithm: ChecksumAlgorithm; checksumType: ChecksumType } {
  const named = header(rest.headers, 'x-amz-checksum-algorithm');
  const algorithm = named === undefined ? DEFAULT_ALGORITHM : parseAlgorithm(named);
  const type = header(rest.headers, 'x-amz-checksum-type') ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const fits =
    type === 'COMPOSITE'
      ? algorithm !== 'CRC64NVME'
      : type === 'FULL_OBJECT' && algorithm !== 'SHA1' && algorithm !== 'SHA256';
  if (!fits) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return { algorithm, checksumType: type as ChecksumType };
}

function findUpload({ uploads }: ObjectStore, { rest, bucket, key }: ObjectRequest): Upload {
  return uploads.get(bucket, key, rest.query.get('uploadId') ?? '');
}

function readPartNumber({ rest }: ObjectRequest): number {
  const text = rest.query.get('partNumber') ?? '';
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MAX_PART_NUMBER) return number;
  throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', text);
}

/** UploadPart */
export async function uploadPart(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('UploadPart', request, ['partNumber', 'uploadId'], []);
  requireAccess({ call, action: 'PutObject', bucket, key });
  const number = readPartNumber(request);
  const upload = findUpload(store, request);
  const { encryption } = upload.description;
  const dataKey = await openPartKey(store, request, upload);
  const claim = claimedChecksum(rest.headers);
  if (claim && upload.algorithmGiven && claim.algorithm !== upload.algorithm) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm.toLowerCase()}, actual checksum Type: ${claim.algorithm.toLowerCase()}`,
    );
  }
  const { segment, md5, checksum, required } = await receiveBody(store.bodies, rest, dataKey, upload.algorithm);
  const part = { number, etag: writtenEtag(encryption, md5, store.ctx.ids), segment, checksum: required };
  await commitPart(store, request, part);
  return {
    statusCode: 200,
    headers: {
      etag: `"${part.etag}"`,
      ...encryptionHeaders(encryption),
      [checksumHeader(checksum.algorithm)]: checksum.value,
    },
  };
}

/** UploadPartCopy: a part that is (a range of) another object. */
export async function uploadPartCopy(
  store: ObjectStore,
  request: ObjectRequest,
  findStore: FindStore,
): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('UploadPartCopy', request, ['partNumber', 'uploadId'], [...COPY_SOURCE_HEADERS, 'x-amz-copy-source-range']);
  requireAccess({ call, action: 'PutObject', bucket, key });
  const number = readPartNumber(request);
  const upload = findUpload(store, request);
  const { encryption } = upload.description;
  const dataKey = await openPartKey(store, request, upload);
  const source = await openCopySource(request, findStore);
  const rangeText = header(rest.headers, 'x-amz-copy-source-range');
  const range = parseRange(rangeText, source.content.bytes);
  if (rangeText !== undefined && !range) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last',
      'x-amz-copy-source-range',
      rangeText,
    );
  }
  const { start, end } = range ?? { start: 0, end: source.content.bytes };
  const [md5, hasher] = [createHasher('MD5'), createHasher(upload.algorithm)];
  const segment = await store.bodies.write({
    bytes: source.store.bodies.read(source.content.segments, start, end, source.dataKey),
    dataKey,
    hashers: [md5, hasher],
    limitBytes: MAX_PART_BYTES,
    tooLarge: entityTooLarge,
  });
  const etag = writtenEtag(encryption, md5.digest(), store.ctx.ids);
  const part = { number, etag, segment, checksum: hasher.digest().toString('base64') };
  const stored = await commitPart(store, request, part);
  return {
    statusCode: 200,
    headers: {
      ...XML,
      ...encryptionHeaders(encryption),
      ...(source.bucket.versioning === undefined ? {} : { 'x-amz-copy-source-version-id': source.version.versionId }),
    },
    body: writeXml('CopyPartResult', copyResult({ etag: part.etag }, stored.modifiedAtMs)),
  };
}

/** Throws also for an upload that was begun before objects were encrypted: it cannot go on. */
async function openPartKey({ dataKeys }: ObjectStore, request: ObjectRequest, upload: Upload): Promise<Uint8Array> {
  const dataKey = await dataKeys.open(request, upload.description.encryption);
  if (!dataKey) throw noSuchUpload(upload.uploadId);
  return dataKey;
}

async function commitPart(
  { ctx, buckets, bodies, commits, uploads }: ObjectStore,
  { bucket, key, rest }: ObjectRequest,
  received: Omit<Part, 'modifiedAtMs'>,
): Promise<Part> {
  const part = { ...received, modifiedAtMs: ctx.clock.now() };
  try {
    await commits.run(() => {
      // The upload may have been completed or aborted while the bytes arrived.
      const upload = uploads.get(buckets.get(bucket.name), key, rest.query.get('uploadId') ?? '');
      bodies.keep([part.segment]);
      bodies.remove(uploads.putPart(upload, part));
    });
  } catch (error) {
    bodies.remove([part.segment]);
    throw error;
  }
  return part;
}

/** AbortMultipartUpload */
export async function abortUpload(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { call, bucket, key } = request;
  takeOnly('AbortMultipartUpload', request, ['uploadId'], []);
  requireAccess({ call, action: 'AbortMultipartUpload', bucket, key });
  await store.commits.run(() => {
    const upload = findUpload(store, request);
    store.bodies.remove(store.uploads.parts(upload).map(({ segment }) => segment));
    store.uploads.remove(upload);
  });
  return { statusCode: 204 };
}

interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksum: string | undefined;
}

/** CompleteMultipartUpload: the parts become the object without being copied. */
export async function completeUpload(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('CompleteMultipartUpload', request, ['uploadId'], ['x-amz-checksum-type', 'x-amz-mp-object-size']);
  requireAccess({ call, action: 'PutObject', bucket, key, context: writeContext(rest) });
  const upload = findUpload(store, request);
  await store.dataKeys.open(request, upload.description.encryption);
  const listed = readPartList(await readDocument(rest, MAX_DOCUMENT_BYTES), upload);

  let content: ObjectContent | undefined;
  const { bucket: current, version } = await store.commits.run(() => {
    const stored = store.uploads.parts(findUpload(store, request));
    const chosen = chooseParts(listed, stored);
    content = assemble(upload, chosen);
    assertWhole(request, content);
    const used = new Set(chosen.map(({ number }) => number));
    const unused = stored.filter(({ number }) => !used.has(number)).map(({ segment }) => segment);
    store.bodies.remove(unused);
    store.uploads.remove(upload);
    return commitObject(
      store,
      { bucketName: bucket.name, key, content, reason: 'CompleteMultipartUpload', call },
      (latest) => assertWriteConditions(rest.headers, key, latest),
    );
  });
  const { etag, checksum } = content as unknown as ObjectContent;
  return {
    statusCode: 200,
    headers: { ...XML, ...versionHeaders(current, version), ...encryptionHeaders(upload.description.encryption) },
    body: writeXml('CompleteMultipartUploadResult', [
      ['Location', `http://${header(rest.headers, 'host') ?? '127.0.0.1'}${rest.rawPath}`],
      ['Bucket', bucket.name],
      ['Key', key],
      ['ETag', `"${etag}"`],
      [`Checksum${checksum?.algorithm}`, checksum?.value],
      ['ChecksumType', checksum?.type],
    ]),
  };
}

function readPartList(document: Buffer, upload: Upload): readonly ListedPart[] {
  const root = readXml(document.toString(), 'CompleteMultipartUpload');
  const listed = childrenOf(root, 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: (textOf(part, 'ETag') ?? '').replace(/^"|"$/g, ''),
    checksum: textOf(part, `Checksum${upload.algorithm}`),
  }));
  if (listed.length === 0 || listed.some(({ number }) => !Number.isInteger(number) || number < 1)) throw malformedXml();
  for (const [at, part] of listed.entries()) {
    if (at > 0 && part.number <= (listed[at - 1] as ListedPart).number) {
      throw new AwsError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
  }
  return listed;
}

function chooseParts(listed: readonly ListedPart[], stored: readonly Part[]): readonly Part[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  return listed.map(({ number, etag, checksum }, at) => {
    const part = byNumber.get(number);
    if (!part || part.etag !== etag || (checksum !== undefined && checksum !== part.checksum)) {
      throw new AwsError(
        'InvalidPart',
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        400,
        { PartNumber: number, ETag: etag },
      );
    }
    if (at < listed.length - 1 && part.segment.bytes < MIN_PART_BYTES) {
      throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
        ProposedSize: part.segment.bytes,
        MinSizeAllowed: MIN_PART_BYTES,
        PartNumber: number,
        ETag: etag,
      });
    }
    return part;
  });
}

function assemble(upload: Upload, parts: readonly Part[]): ObjectContent {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  const digests = parts.map(({ checksum, segment }) => ({ value: checksum, bytes: segment.bytes }));
  return {
    ...upload.description,
    checksum: checksumOfParts(upload.algorithm, upload.checksumType, digests),
    bytes: parts.reduce((sum, { segment }) => sum + segment.bytes, 0),
    etag: `${md5.digest('hex')}-${parts.length}`,
    segments: parts.map(({ segment }) => segment),
  };
}

/** The client's own idea of the object: its checksum and its size. */
function assertWhole({ rest }: ObjectRequest, { bytes, checksum }: ObjectContent): void {
  const size = header(rest.headers, 'x-amz-mp-object-size');
  if (size !== undefined && Number(size) !== bytes) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${size} does not match what was computed: ${bytes}`,
    );
  }
  const { algorithm, value } = checksum as Checksum;
  const claimed = header(rest.headers, checksumHeader(algorithm));
  if (claimed !== undefined && claimed !== value) {
    throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}
