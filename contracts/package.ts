import { artifactKeys } from '../domain/artifact-keys.ts';
import type { Digest, Sha256 } from '../domain/content-id.ts';
import { DigestMismatch } from '../domain/errors.ts';
import type { GoldenRequests, PackageManifest, PackageSignature } from '../domain/package-manifest.ts';
import type { ObjectStore } from '../domain/ports/object-store.ts';

/** Bytes of the largest JSON file of a package that is read. */
const LARGEST_JSON = 20_000_000;

export interface PackageSource {
  readonly objects: Pick<ObjectStore, 'read'>;
  readonly artifactsBucket: string;
  readonly sha256: Sha256;
}

/** A package whose manifest was checked against the model's digest; every file that is read is checked against the manifest. */
export interface Package {
  readonly manifest: PackageManifest;
  readonly manifestText: string;
  file(name: keyof PackageManifest['files'], limitBytes: number): Promise<Uint8Array>;
  golden(): Promise<GoldenRequests>;
  signature(): Promise<PackageSignature>;
}

/** Throws DigestMismatch where bytes are not those that were digested, and what ObjectStore.read throws. */
export async function openPackage(
  { objects, artifactsBucket, sha256 }: PackageSource,
  model: string,
  modelDigest: Digest,
): Promise<Package> {
  const read = (file: string, limitBytes: number) =>
    objects.read({ bucket: artifactsBucket, key: artifactKeys.package(model, modelDigest, file) }, limitBytes);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  const manifestText = text(await read('manifest.json', LARGEST_JSON));
  const actual = sha256(manifestText);
  if (actual !== modelDigest) throw new DigestMismatch(`the manifest of model ${modelDigest} has the digest ${actual}`);
  const manifest = JSON.parse(manifestText) as PackageManifest;

  const file: Package['file'] = async (name, limitBytes) => {
    const bytes = await read(name, limitBytes);
    const digest = sha256(bytes);
    if (digest !== manifest.files[name].sha256) {
      throw new DigestMismatch(
        `${name} of model ${modelDigest} has the digest ${digest}, its manifest says ${manifest.files[name].sha256}`,
      );
    }
    return bytes;
  };
  return {
    manifest,
    manifestText,
    file,
    golden: async () => JSON.parse(text(await file('golden.json', LARGEST_JSON))) as GoldenRequests,
    signature: async () => JSON.parse(text(await read('signature.json', LARGEST_JSON))) as PackageSignature,
  };
}
