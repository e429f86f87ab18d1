import type { IncomingHttpHeaders } from 'node:http';
import { formatArn } from '../arn.ts';
import { notImplemented } from '../aws-error.ts';
import type { AccountContext } from '../service.ts';
import { invalidArgument } from './s3-error.ts';

/**
 * How an object is said to be encrypted.
 *
 * @debt envelope-encryption: the bytes on disk are not encrypted and the key is not used; the answer's headers and the
 * condition keys are AWS's.
 */
export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  /** Undefined for the account's own S3 key. */
  readonly keyArn?: string | undefined;
  readonly bucketKey: boolean;
}

export const DEFAULT_ENCRYPTION: Encryption = { algorithm: 'AES256', bucketKey: false };

/** What a new object gets: what its request asks for, or else the bucket's default. */
export function requestedEncryption(
  headers: IncomingHttpHeaders,
  bucketDefault: Encryption | undefined,
  ctx: AccountContext,
): Encryption {
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
  return readEncryption(String(algorithm), keyId === undefined ? undefined : String(keyId), {
    bucketKey: bucketKey === undefined ? otherwise.bucketKey : bucketKey === 'true',
    ctx,
  });
}

/** From the algorithm and key of a header, a template or a bucket's configuration. */
export function readEncryption(
  algorithm: string,
  keyId: string | undefined,
  { bucketKey, ctx }: { readonly bucketKey: boolean; readonly ctx: AccountContext },
): Encryption {
  if (algorithm === 'aws:kms:dsse') throw notImplemented('Server-side encryption aws:kms:dsse');
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms') {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      algorithm,
    );
  }
  if (algorithm === 'AES256') return { algorithm, bucketKey: false };
  return { algorithm, bucketKey, ...(keyId === undefined ? {} : { keyArn: keyArnOf(keyId, ctx) }) };
}

function keyArnOf(keyId: string, ctx: AccountContext): string {
  if (/(^|:)alias\//.test(keyId)) throw notImplemented(`A KMS key by its alias (${keyId}) in server-side encryption`);
  return keyId.startsWith('arn:') ? keyId : formatArn('kms', ctx.region, ctx.accountId, `key/${keyId}`);
}

export const encryptionHeaders = ({ algorithm, keyArn, bucketKey }: Encryption): Record<string, string> => ({
  'x-amz-server-side-encryption': algorithm,
  ...(keyArn === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': keyArn }),
  ...(bucketKey ? { 'x-amz-server-side-encryption-bucket-key-enabled': 'true' } : {}),
});
