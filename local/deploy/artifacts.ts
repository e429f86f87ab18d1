import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The zip files of a packaged deployment. A template names them by the key that they will have in the deployment bucket. */
export class Artifacts {
  readonly #directory: string;
  readonly #digests = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  has(s3Key: string): boolean {
    return existsSync(this.#file(s3Key));
  }

  read(s3Key: string): Uint8Array {
    return readFileSync(this.#file(s3Key));
  }

  digest(s3Key: string): string {
    const known = this.#digests.get(s3Key) ?? createHash('sha256').update(this.read(s3Key)).digest('hex');
    this.#digests.set(s3Key, known);
    return known;
  }

  #file(s3Key: string): string {
    return join(this.#directory, basename(s3Key));
  }
}

/**
 * Digest of a resource as it is to be. The key of an artifact has the time of packaging in it, which is no change;
 * its content is.
 */
export function fingerprint(type: string, properties: unknown, artifacts: Artifacts): string {
  const content = JSON.stringify([type, properties], (key, value: unknown) => {
    if (key === 'S3Key' && typeof value === 'string' && artifacts.has(value)) return artifacts.digest(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
  return createHash('sha256').update(content).digest('hex');
}
