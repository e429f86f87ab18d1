import { artifactKeys } from '../domain/artifact-keys.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { Digest, Sha256 } from '../domain/content-id.ts';
import { DigestMismatch } from '../domain/errors.ts';

/** Bytes of the largest result between two steps that is read. */
export const LARGEST_WORK = 200_000_000;

/** A result between two steps, stored under the digest of its canonical JSON. */
export function writeWork(
  value: unknown,
  sha256: Sha256,
): { readonly digest: Digest; readonly key: string; readonly text: string } {
  const text = canonicalJson(value);
  const digest = sha256(text);
  return { digest, key: artifactKeys.work(digest), text };
}

/** Reads what writeWork wrote. Throws DigestMismatch when these are other bytes. */
export function readWork<T>(bytes: Uint8Array, digest: Digest, sha256: Sha256): T {
  const actual = sha256(bytes);
  if (actual !== digest) throw new DigestMismatch(`work/${digest} has the digest ${actual}`);
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}
