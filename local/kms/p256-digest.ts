import { createECDH, type KeyObject, randomBytes } from 'node:crypto';

/**
 * ECDSA on P-256 over a digest that was made elsewhere (`MessageType: DIGEST`). node:crypto signs messages only and would hash once
 * more, so this does the arithmetic modulo the order itself and leaves the multiplications on the curve to OpenSSL
 * (through ECDH). SEC 1 v2, sections 4.1.3 and 4.1.4: https://www.secg.org/sec1-v2.pdf
 */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const CURVE = 'prime256v1';

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** A DER signature, as KMS gives it. `digest` is 32 bytes. */
export function signDigest(privateKey: KeyObject, digest: Uint8Array): Buffer {
  const d = toInteger(Buffer.from(privateKey.export({ format: 'jwk' }).d as string, 'base64url'));
  const z = toInteger(digest);
  for (;;) {
    const k = randomScalar();
    const r = modulo(timesGenerator(k).x, ORDER);
    const s = modulo(invert(k, ORDER) * (z + r * d), ORDER);
    if (r !== 0n && s !== 0n) return encodeDer(r, s);
  }
}

/** False for anything that is not this key's signature of this digest, whatever is wrong with it. */
export function verifyDigest(publicKey: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const decoded = decodeDer(Buffer.from(signature));
  if (!decoded) return false;
  const { r, s } = decoded;
  if (r <= 0n || r >= ORDER || s <= 0n || s >= ORDER) return false;

  const jwk = publicKey.export({ format: 'jwk' });
  const q: Point = {
    x: toInteger(Buffer.from(jwk.x as string, 'base64url')),
    y: toInteger(Buffer.from(jwk.y as string, 'base64url')),
  };
  // u1·G + u2·Q = u2·(Q + t·G) with t = z/r: one addition here, and only x is asked of the last product.
  const u2 = modulo(r * invert(s, ORDER), ORDER);
  const t = modulo(toInteger(digest) * invert(r, ORDER), ORDER);
  const sum = t === 0n ? q : add(q, timesGenerator(t));
  return sum !== undefined && modulo(xOfProduct(u2, sum), ORDER) === r;
}

function timesGenerator(scalar: bigint): Point {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(toBytes(scalar));
  const point = ecdh.getPublicKey();
  return { x: toInteger(point.subarray(1, 33)), y: toInteger(point.subarray(33)) };
}

function xOfProduct(scalar: bigint, { x, y }: Point): bigint {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(toBytes(scalar));
  return toInteger(ecdh.computeSecret(Buffer.concat([Buffer.from([4]), toBytes(x), toBytes(y)])));
}

/** Affine addition; undefined for the point at infinity. The curve's a is -3. */
function add(p: Point, q: Point): Point | undefined {
  if (p.x === q.x && p.y !== q.y) return undefined;
  const slope =
    p.x === q.x
      ? modulo((3n * p.x * p.x - 3n) * invert(2n * p.y, PRIME), PRIME)
      : modulo((q.y - p.y) * invert(q.x - p.x, PRIME), PRIME);
  const x = modulo(slope * slope - p.x - q.x, PRIME);
  return { x, y: modulo(slope * (p.x - x) - p.y, PRIME) };
}

const modulo = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;

/** Extended Euclid. */
function invert(value: bigint, modulus: bigint): bigint {
  let [a, b] = [modulo(value, modulus), modulus];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a % b];
    [x, y] = [y, x - quotient * y];
  }
  return modulo(x, modulus);
}

function randomScalar(): bigint {
  for (;;) {
    const scalar = toInteger(randomBytes(32));
    if (scalar > 0n && scalar < ORDER) return scalar;
  }
}

const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);

const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

function encodeDer(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const positive = (bytes[0] as number) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}

/** Strict: the one encoding that is right, so that a signature cannot be changed and stay valid. */
function decodeDer(signature: Buffer): { r: bigint; s: bigint } | undefined {
  const rLength = signature[3] ?? 0;
  const sLength = signature[5 + rLength] ?? 0;
  const r = signature.subarray(4, 4 + rLength);
  const s = signature.subarray(6 + rLength, 6 + rLength + sLength);
  if (r.length === 0 || s.length === 0) return undefined;
  const decoded = { r: toInteger(r), s: toInteger(s) };
  return encodeDer(decoded.r, decoded.s).equals(signature) ? decoded : undefined;
}
