import { canonicalJson } from './canonical-json.ts';

/** SHA-256 in 64 characters of lower-case hex. */
export type Digest = string;

/** SHA-256 of bytes or of a text's UTF-8, in lower-case hex. A port: the domain does not import node:crypto. */
export type Sha256 = (content: string | Uint8Array) => Digest;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 base32 in lower case, without padding. */
function base32(hex: string): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (let i = 0; i < hex.length; i += 2) {
    value = (value << 8) | Number.parseInt(hex.slice(i, i + 2), 16);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  if (bits > 0) text += ALPHABET[(value << (5 - bits)) & 31];
  return text;
}

/**
 * An id that follows from what makes the thing unique: the same content gives the same id, whoever computes it and however
 * often. 26 characters (130 bits) after the prefix, so that it fits the 80 characters of an execution name.
 */
export const contentId = (sha256: Sha256, prefix: string, content: unknown): string =>
  `${prefix}-${base32(sha256(canonicalJson(content))).slice(0, 26)}`;

/** The digest of a value: SHA-256 of its canonical JSON. */
export const digestOf = (sha256: Sha256, value: unknown): Digest => sha256(canonicalJson(value));

/** SHA-256 and length of a stream, in constant memory. A port. */
export type DigestStream = (
  stream: AsyncIterable<Uint8Array>,
) => Promise<{ readonly sha256: Digest; readonly bytes: number }>;
