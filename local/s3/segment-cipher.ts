import { type Cipheriv, createCipheriv, createDecipheriv, type Decipheriv } from 'node:crypto';

const ALGORITHM = 'aes-256-ctr';
const BLOCK_BYTES = 16;

export const DATA_KEY_BYTES = 32;
export const IV_BYTES = BLOCK_BYTES;

/**
 * AES-256 in counter mode: a range is decrypted without what stands before it. That nobody changed the bytes is what the
 * object's checksum says.
 */
export const encryptSegment = (dataKey: Uint8Array, iv: Uint8Array): Cipheriv => createCipheriv(ALGORITHM, dataKey, iv);

/** Decrypts from byte `start` of the segment on. */
export function decryptSegment(dataKey: Uint8Array, iv: Uint8Array, start: number): Decipheriv {
  const decipher = createDecipheriv(ALGORITHM, dataKey, counterAt(iv, Math.floor(start / BLOCK_BYTES)));
  decipher.update(Buffer.alloc(start % BLOCK_BYTES));
  return decipher;
}

/** The counter is the whole IV, a big-endian number that wraps around. */
function counterAt(iv: Uint8Array, block: number): Buffer {
  const counter = (BigInt(`0x${Buffer.from(iv).toString('hex')}`) + BigInt(block)) % 2n ** 128n;
  return Buffer.from(counter.toString(16).padStart(2 * BLOCK_BYTES, '0'), 'hex');
}
