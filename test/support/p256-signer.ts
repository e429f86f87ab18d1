import { createSign, createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Signer } from '../../domain/ports/signer.ts';

const pairs = new Map<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>();

/** The key pair of an ARN: the same for the whole test file. */
const pairOf = (keyArn: string) => {
  let pair = pairs.get(keyArn);
  if (!pair) {
    pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    pairs.set(keyArn, pair);
  }
  return pair;
};

/** The Signer port with keys of this process: real ECDSA P-256 over SHA-256, DER, as KMS signs. */
export const p256Signer = (ownKeyArn: string): Signer => ({
  async sign(text) {
    const value = createSign('SHA256').update(text).sign(pairOf(ownKeyArn).privateKey, 'base64');
    return { keyArn: ownKeyArn, algorithm: 'ECDSA_SHA_256', value };
  },
  async verify(text, { value }, keyArn) {
    try {
      return createVerify('SHA256').update(text).verify(pairOf(keyArn).publicKey, value, 'base64');
    } catch {
      // Not DER.
      return false;
    }
  },
});
