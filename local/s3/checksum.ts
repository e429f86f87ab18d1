import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError, notImplemented } from '../aws-error.ts';
import { CRC32, CRC32C, CRC64NVME, type Crc, combineCrc } from './crc.ts';

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  /** Base64; with `-N` behind it for a composite of N parts. */
  readonly value: string;
}

export const ALGORITHMS: readonly ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];
/** What S3 computes when the client asks for none. */
export const DEFAULT_ALGORITHM: ChecksumAlgorithm = 'CRC64NVME';

const CRCS: Readonly<Partial<Record<ChecksumAlgorithm, Crc>>> = { CRC32, CRC32C, CRC64NVME };
const DIGEST_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** Takes pieces, gives the digest. */
export interface Hasher {
  update(piece: Uint8Array): void;
  digest(): Buffer;
}

export function createHasher(algorithm: ChecksumAlgorithm | 'MD5'): Hasher {
  const crc = algorithm === 'MD5' ? undefined : CRCS[algorithm];
  if (!crc) return createHash(algorithm.toLowerCase());
  let value = 0n;
  return {
    update(piece) {
      value = crc.update(value, piece);
    },
    digest: () => crcBytes(crc, value),
  };
}

const crcBytes = (crc: Crc, value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(crc.bits / 4, '0'), 'hex');

/** The checksum that a request carries or announces: its algorithm and, if it came in a header, its value. */
export interface ClaimedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Undefined when it comes in a trailer, or only the algorithm was named. */
  readonly value?: string;
  readonly inTrailer: boolean;
}

export function claimedChecksum(headers: IncomingHttpHeaders): ClaimedChecksum | undefined {
  const given = ALGORITHMS.filter((algorithm) => headers[checksumHeader(algorithm)] !== undefined);
  if (given.length > 1) {
    throw new AwsError(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [algorithm] = given;
  if (algorithm) {
    const value = String(headers[checksumHeader(algorithm)]);
    assertDigestText(algorithm, value);
    return { algorithm, value, inTrailer: false };
  }
  const trailer = String(headers['x-amz-trailer'] ?? '').toLowerCase();
  const announced = ALGORITHMS.find((candidate) => trailer === checksumHeader(candidate));
  if (trailer !== '' && !announced) throw notImplemented(`The trailer ${trailer}`);
  if (announced) return { algorithm: announced, inTrailer: true };
  const named = headers['x-amz-sdk-checksum-algorithm'];
  return named === undefined ? undefined : { algorithm: parseAlgorithm(String(named)), inTrailer: false };
}

export function parseAlgorithm(text: string): ChecksumAlgorithm {
  const algorithm = ALGORITHMS.find((candidate) => candidate === text.toUpperCase());
  if (algorithm) return algorithm;
  throw new AwsError(
    'InvalidRequest',
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  );
}

function assertDigestText(algorithm: ChecksumAlgorithm, value: string): void {
  if (Buffer.from(value, 'base64').length === DIGEST_BYTES[algorithm] && /^[A-Za-z0-9+/]+=*$/.test(value)) return;
  throw new AwsError('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/** Throws BadDigest when what was received is not what was claimed. */
export function verifyClaim(
  claim: ClaimedChecksum | undefined,
  actual: string,
  trailers: Readonly<Record<string, string>> | undefined,
): void {
  if (!claim) return;
  const wanted = claim.inTrailer ? trailers?.[checksumHeader(claim.algorithm)] : claim.value;
  if (claim.inTrailer && wanted === undefined) {
    throw new AwsError(
      'MalformedTrailerError',
      'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    );
  }
  if (wanted !== undefined && wanted !== actual) {
    throw new AwsError('BadDigest', `The ${claim.algorithm} you specified did not match the calculated checksum.`);
  }
}

/** Throws when Content-MD5 is malformed (InvalidDigest) or another one than the body's (BadDigest). */
export function verifyContentMd5(headers: IncomingHttpHeaders, md5: Buffer): void {
  if (headers['content-md5'] === undefined) return;
  const claimed = String(headers['content-md5']);
  if (Buffer.from(claimed, 'base64').length !== md5.length) {
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  if (claimed !== md5.toString('base64')) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
}

/** The checksum of an object made of parts. */
export function checksumOfParts(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly value: string; readonly bytes: number }[],
): Checksum {
  const digests = parts.map(({ value }) => Buffer.from(value, 'base64'));
  if (type === 'COMPOSITE') {
    const hasher = createHasher(algorithm);
    for (const digest of digests) hasher.update(digest);
    return { algorithm, type, value: `${hasher.digest().toString('base64')}-${parts.length}` };
  }
  const crc = CRCS[algorithm];
  if (!crc) {
    throw new AwsError(
      'InvalidRequest',
      `The FULL_OBJECT checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    );
  }
  const whole = digests.reduce(
    (value, digest, at) => combineCrc(crc, value, BigInt(`0x${digest.toString('hex')}`), parts[at]?.bytes ?? 0),
    0n,
  );
  return { algorithm, type, value: crcBytes(crc, whole).toString('base64') };
}
