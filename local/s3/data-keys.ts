import { randomBytes } from 'node:crypto';
import { formatArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { seal, unseal } from '../kms/ciphertext.ts';
import type { AccountContext, Call, Services } from '../service.ts';
import { type Bucket, bucketArn } from './buckets.ts';
import type { Encryption, ObjectEncryption } from './encryption.ts';
import { DATA_KEY_BYTES } from './segment-cipher.ts';

/** The object that a data key belongs to, and who asks for it. */
export interface KeyRequest {
  readonly call: Call;
  readonly bucket: Bucket;
  readonly key: string;
}

/** Stands where the ARN of a KMS key would, in what the account's own key seals. */
const ACCOUNT_KEY = 'aws/s3';

/**
 * Every object has a data key of its own, which is kept only sealed: by a KMS key, which the caller must be allowed to use
 * (`kms:GenerateDataKey` to write, `kms:Decrypt` to read), or by the account's own S3 key, for which nobody is asked.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export class DataKeys {
  readonly #services: Pick<Services, 'callOperation'>;
  readonly #accountKey: Uint8Array;

  constructor({ store }: AccountContext, services: Pick<Services, 'callOperation'>) {
    this.#services = services;
    store.define(
      'CREATE TABLE IF NOT EXISTS s3_account_key (one INTEGER PRIMARY KEY CHECK (one = 1), material BLOB NOT NULL)',
    );
    store.prepare('INSERT OR IGNORE INTO s3_account_key VALUES (1, ?)').run(randomBytes(DATA_KEY_BYTES));
    this.#accountKey = store.prepare('SELECT material FROM s3_account_key').get()?.material as Uint8Array;
  }

  /** A new data key, open to write with and sealed to keep. Throws what KMS says: AccessDenied, KMS.DisabledException, … */
  async generate(
    request: KeyRequest,
    encryption: Encryption,
  ): Promise<{ dataKey: Uint8Array; encryption: ObjectEncryption }> {
    const context = encryptionContext(request, encryption);
    if (encryption.keyArn === undefined) {
      const dataKey = randomBytes(DATA_KEY_BYTES);
      const sealed = seal(ACCOUNT_KEY, this.#accountKey, dataKey, context);
      return { dataKey, encryption: { ...encryption, sealedDataKey: sealed.toString('base64') } };
    }
    const { KeyId, Plaintext, CiphertextBlob } = await this.#kms(request.call, 'GenerateDataKey', {
      KeyId: ofRequester(encryption.keyArn, request.call),
      KeySpec: 'AES_256',
      EncryptionContext: context,
    });
    return {
      dataKey: Plaintext as Uint8Array,
      encryption: {
        ...encryption,
        keyArn: KeyId as string,
        sealedDataKey: Buffer.from(CiphertextBlob as Uint8Array).toString('base64'),
      },
    };
  }

  /** Opens an object's data key; undefined for bytes that an earlier release stored plain. Throws what KMS says. */
  async open(request: KeyRequest, encryption: ObjectEncryption): Promise<Uint8Array | undefined> {
    const { keyArn, sealedDataKey } = encryption;
    if (sealedDataKey === undefined) return undefined;
    const context = encryptionContext(request, encryption);
    const sealed = Buffer.from(sealedDataKey, 'base64');
    if (keyArn === undefined) {
      const dataKey = unseal(ACCOUNT_KEY, this.#accountKey, sealed, context);
      if (!dataKey) throw new Error(`The data key of ${context['aws:s3:arn']} was not sealed by this account.`);
      return dataKey;
    }
    const opened = await this.#kms(request.call, 'Decrypt', {
      KeyId: keyArn,
      CiphertextBlob: sealed,
      EncryptionContext: context,
    });
    return opened.Plaintext as Uint8Array;
  }

  async #kms(call: Call, operation: string, input: Readonly<Record<string, unknown>>) {
    const principal = { ...call.principal, via: `s3.${call.region}.amazonaws.com` };
    try {
      return await this.#services.callOperation('kms', operation, input, principal);
    } catch (error) {
      throw error instanceof AwsError ? asS3Error(error) : error;
    }
  }
}

/** KMS's refusals under S3's names for them: `AccessDenied`, `KMS.DisabledException`. */
const asS3Error = ({ code, message }: AwsError): AwsError =>
  code === 'AccessDeniedException' ? new AwsError('AccessDenied', message, 403) : new AwsError(`KMS.${code}`, message);

function encryptionContext({ bucket, key }: KeyRequest, { bucketKey }: Encryption): Record<string, string> {
  const arn = bucketArn(bucket.name);
  return { 'aws:s3:arn': bucketKey ? arn : `${arn}/${key}` };
}

/** A key that is named without its ARN is the requester's, also where the bucket is somebody else's. */
const ofRequester = (keyId: string, { principal, region }: Call): string =>
  keyId.startsWith('arn:')
    ? keyId
    : formatArn('kms', region, principal.accountId, keyId.startsWith('alias/') ? keyId : `key/${keyId}`);
