import { createHash } from 'node:crypto';

const PATTERN_BYTES = 40;

/** Bytes that say all along whose they are and which, so that a mix of two bodies is none. */
export function bodyOf(writer: string, version: number, bytes: number): Buffer {
  return Buffer.alloc(bytes, `${writer} ${version} `.padEnd(PATTERN_BYTES, '.'));
}

export const etagOf = (body: Buffer): string => createHash('md5').update(body).digest('hex');

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html: of the digests of the parts. */
export const etagOfParts = (parts: readonly Buffer[]): string => {
  const digests = parts.map((part) => createHash('md5').update(part).digest());
  return `${etagOf(Buffer.concat(digests))}-${parts.length}`;
};

export const unquoted = (etag: string | undefined): string => (etag ?? '').replaceAll('"', '');
