import { AwsError } from '../aws-error.ts';
import type { RestRequest } from '../service.ts';
import type { Bodies, Segment } from './bodies.ts';
import {
  type Checksum,
  type ChecksumAlgorithm,
  claimedChecksum,
  createHasher,
  DEFAULT_ALGORITHM,
  verifyClaim,
  verifyContentMd5,
} from './checksum.ts';
import { header } from './request.ts';

/** Bytes that arrived and are what the client says it sent. */
export interface ReceivedBody {
  readonly segment: Segment;
  readonly md5: Buffer;
  /** By the algorithm that the request claims one in, or else S3's own. */
  readonly checksum: Checksum;
  /** Base64, by the algorithm that was asked for beside. */
  readonly required: string;
}

const MAX_PUT_BYTES = 5 * 1024 ** 3;

/**
 * Streams a request's body in and verifies its length, its checksum (header or trailer) and Content-MD5. Nothing is left of
 * it when this throws. `required` is an algorithm that is computed whatever the request claims.
 */
export async function receiveBody(
  bodies: Bodies,
  request: RestRequest,
  dataKey: Uint8Array,
  required?: ChecksumAlgorithm,
): Promise<ReceivedBody> {
  const { headers } = request;
  const claim = claimedChecksum(headers);
  const algorithm = claim?.algorithm ?? required ?? DEFAULT_ALGORITHM;
  const [md5Hasher, hasher] = [createHasher('MD5'), createHasher(algorithm)];
  const requiredHasher = required === undefined || required === algorithm ? undefined : createHasher(required);
  const declared = header(headers, 'x-amz-decoded-content-length') ?? header(headers, 'content-length');
  if (declared === undefined && headers['transfer-encoding'] === undefined) {
    throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411);
  }
  if (Number(declared ?? 0) > MAX_PUT_BYTES) throw entityTooLarge();

  const segment = await bodies.write({
    bytes: request.body,
    dataKey,
    hashers: [md5Hasher, hasher, ...(requiredHasher ? [requiredHasher] : [])],
    limitBytes: MAX_PUT_BYTES,
    tooLarge: entityTooLarge,
  });
  try {
    if (declared !== undefined && segment.bytes !== Number(declared)) {
      throw new AwsError(
        'IncompleteBody',
        'You did not provide the number of bytes specified by the Content-Length HTTP header.',
      );
    }
    const md5 = md5Hasher.digest();
    verifyContentMd5(headers, md5);
    const value = hasher.digest().toString('base64');
    verifyClaim(claim, value, request.trailers);
    return {
      segment,
      md5,
      checksum: { algorithm, type: 'FULL_OBJECT', value },
      required: requiredHasher?.digest().toString('base64') ?? value,
    };
  } catch (error) {
    bodies.remove([segment]);
    throw error;
  }
}

export const entityTooLarge = (): AwsError =>
  new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
    MaxSizeAllowed: MAX_PUT_BYTES,
  });
