import type { IncomingHttpHeaders } from 'node:http';
import { notImplemented } from '../aws-error.ts';
import type { Ids } from '../ids.ts';
import { invalidArgument } from './s3-error.ts';

/** How an object is to be encrypted. */
export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  /** The KMS key's ARN, id or alias, as it was asked for. Undefined for the account's own S3 key. */
  readonly keyArn?: string | undefined;
  /** The data key is bound to the bucket and not to the object. */
  readonly bucketKey: boolean;
}

/** How an object is encrypted. `keyArn` is the key's ARN. */
export interface ObjectEncryption extends Encryption {
  /** Base64. Absent: the bytes were stored plain, by a release that only said they were encrypted. */
  readonly sealedDataKey?: string;
}

export const DEFAULT_ENCRYPTION: Encryption = { algorithm: 'AES256', bucketKey: false };

/** What a new object gets: what its request asks for, or else the bucket's default. */
export function requestedEncryption(headers: IncomingHttpHeaders, bucketDefault: Encryption | undefined): Encryption {
  const otherwise = bucketDefault ?? DEFAULT_ENCRYPTION;
  const algorithm = headers['x-amz-server-side-encryption'];
  const keyId = headers['x-amz-server-side-encryption-aws-kms-key-id'];
  if (algorithm === undefined && keyId !== undefined) {
    throw invalidArgument(
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
      'x-amz-server-side-encryption',
      'null',
    );
  }
  if (algorithm === undefined) return otherwise;
  const bucketKey = headers['x-amz-server-side-encryption-bucket-key-enabled'];
  return readEncryption(
    String(algorithm),
    keyId === undefined ? undefined : String(keyId),
    bucketKey === undefined ? otherwise.bucketKey : bucketKey === 'true',
  );
}

/** From the algorithm and key of a header, a template or a bucket's configuration. */
export function readEncryption(algorithm: string, keyId: string | undefined, bucketKey: boolean): Encryption {
  if (algorithm === 'aws:kms:dsse') throw notImplemented('Server-side encryption aws:kms:dsse');
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms') {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      algorithm,
    );
  }
  if (algorithm === 'AES256') return { algorithm, bucketKey: false };
  return { algorithm, bucketKey, ...(keyId === undefined ? {} : { keyArn: keyId }) };
}

/** With a KMS key an ETag is no digest of the plain bytes: it would tell what they are. */
export const writtenEtag = ({ algorithm }: Encryption, md5: Buffer, ids: Ids): string =>
  algorithm === 'aws:kms' ? ids.hex(2 * md5.length) : md5.toString('hex');

export const encryptionHeaders = ({ algorithm, keyArn, bucketKey }: Encryption): Record<string, string> => ({
  'x-amz-server-side-encryption': algorithm,
  ...(keyArn === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': keyArn }),
  ...(bucketKey ? { 'x-amz-server-side-encryption-bucket-key-enabled': 'true' } : {}),
});
