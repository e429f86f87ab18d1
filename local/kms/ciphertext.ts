import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Key → value, bound to the ciphertext. https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html */
export type EncryptionContext = Readonly<Record<string, string>>;

/**
 * A ciphertext names its key, so that Decrypt needs no KeyId:
 * version (1 byte) · length of the key's ARN (2) · ARN · IV (12) · tag (16) · AES-256-GCM ciphertext.
 */
const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function seal(keyArn: string, material: Uint8Array, plaintext: Uint8Array, context: EncryptionContext): Buffer {
  const arn = Buffer.from(keyArn);
  const header = Buffer.alloc(3);
  header.writeUInt8(VERSION, 0);
  header.writeUInt16BE(arn.length, 1);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', material, iv);
  cipher.setAAD(additionalData(keyArn, context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, arn, iv, cipher.getAuthTag(), sealed]);
}

/** The ARN of the key that a ciphertext was made with; undefined when it is no ciphertext of ours. */
export function keyArnOf(ciphertext: Uint8Array): string | undefined {
  const bytes = Buffer.from(ciphertext);
  if (bytes.length < 3 + IV_BYTES + TAG_BYTES || bytes.readUInt8(0) !== VERSION) return undefined;
  const length = bytes.readUInt16BE(1);
  if (bytes.length < 3 + length + IV_BYTES + TAG_BYTES) return undefined;
  return bytes.toString('utf8', 3, 3 + length);
}

/** Undefined when the ciphertext was changed, or made with another key or encryption context. */
export function unseal(
  keyArn: string,
  material: Uint8Array,
  ciphertext: Uint8Array,
  context: EncryptionContext,
): Buffer | undefined {
  const bytes = Buffer.from(ciphertext);
  const ivAt = 3 + Buffer.byteLength(keyArn);
  const iv = bytes.subarray(ivAt, ivAt + IV_BYTES);
  const tag = bytes.subarray(ivAt + IV_BYTES, ivAt + IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(keyArn, context));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivAt + IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    // GCM says only that the tag does not fit; which part is wrong cannot be told apart.
    return undefined;
  }
}

/** The order in which a context's pairs are given means nothing, so they are sorted. */
function additionalData(keyArn: string, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Buffer.from(JSON.stringify([keyArn, pairs]));
}
