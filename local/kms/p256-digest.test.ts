import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { signDigest, verifyDigest } from './p256-digest.ts';

const pairs = Array.from({ length: 20 }, () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));
const message = (index: number) => Buffer.from(`message ${index}`);
const digestOf = (data: Uint8Array) => createHash('sha256').update(data).digest();

test('OpenSSL accepts what is signed here, of 20 random keys', () => {
  for (const [index, { privateKey, publicKey }] of pairs.entries()) {
    const signature = signDigest(privateKey, digestOf(message(index)));
    expect(verify('sha256', message(index), publicKey, signature)).toBe(true);
  }
});

test('what OpenSSL signed is accepted here, and not for another digest or key', () => {
  for (const [index, { privateKey, publicKey }] of pairs.entries()) {
    const signature = sign('sha256', message(index), privateKey);
    expect(verifyDigest(publicKey, digestOf(message(index)), signature)).toBe(true);
    expect(verifyDigest(publicKey, digestOf(message(index + 1)), signature)).toBe(false);
    const other = pairs[(index + 1) % pairs.length] as (typeof pairs)[number];
    expect(verifyDigest(other.publicKey, digestOf(message(index)), signature)).toBe(false);
  }
});

test('no changed byte, added byte or missing byte leaves a signature good', () => {
  const { privateKey, publicKey } = pairs[0] as (typeof pairs)[number];
  const digest = digestOf(message(0));
  const signature = signDigest(privateKey, digest);
  for (let at = 0; at < signature.length; at++) {
    const changed = Buffer.from(signature);
    changed[at] = (changed[at] as number) ^ 1;
    expect(verifyDigest(publicKey, digest, changed), `byte ${at}`).toBe(false);
  }
  expect(verifyDigest(publicKey, digest, Buffer.concat([signature, Buffer.from([0])]))).toBe(false);
  expect(verifyDigest(publicKey, digest, signature.subarray(0, -1))).toBe(false);
  expect(verifyDigest(publicKey, digest, Buffer.alloc(0))).toBe(false);
});

test('two signatures of one digest differ: each has its own nonce', () => {
  const { privateKey } = pairs[0] as (typeof pairs)[number];
  const digest = digestOf(message(0));
  expect(signDigest(privateKey, digest).equals(signDigest(privateKey, digest))).toBe(false);
});
