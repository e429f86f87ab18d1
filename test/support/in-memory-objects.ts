import { ArtifactInvalid, ObjectMissing } from '../../domain/errors.ts';
import type { ObjectLocation, ObjectStore } from '../../domain/ports/object-store.ts';

/** The ObjectStore port in memory: buckets that keep every version of every object. */
export class InMemoryObjects implements ObjectStore {
  readonly #versions = new Map<string, { readonly versionId: string; readonly bytes: Uint8Array }[]>();
  #writes = 0;

  /** Writes as an uploader would. Answers the version. */
  put(bucket: string, key: string, content: Uint8Array | string): string {
    const versionId = `v${++this.#writes}`;
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content);
    const place = `${bucket}/${key}`;
    this.#versions.set(place, [...(this.#versions.get(place) ?? []), { versionId, bytes }]);
    return versionId;
  }

  /** The keys of a bucket. */
  keys(bucket: string): string[] {
    return [...this.#versions.keys()]
      .filter((place) => place.startsWith(`${bucket}/`))
      .map((place) => place.slice(bucket.length + 1))
      .sort();
  }

  #find({ bucket, key, versionId }: ObjectLocation) {
    const versions = this.#versions.get(`${bucket}/${key}`) ?? [];
    const found = versionId === undefined ? versions.at(-1) : versions.find((one) => one.versionId === versionId);
    if (!found) throw new ObjectMissing(`s3://${bucket}/${key} (version ${versionId ?? 'current'}) is not there`);
    return found;
  }

  async head(location: ObjectLocation) {
    const { bytes, versionId } = this.#find(location);
    return { bytes: bytes.byteLength, versionId };
  }
  async read(location: ObjectLocation, limitBytes: number) {
    const { bytes } = this.#find(location);
    if (bytes.byteLength > limitBytes)
      throw new ArtifactInvalid(`${location.key} has ${bytes.byteLength} bytes, more than ${limitBytes}`);
    return bytes.slice();
  }
  async stream(location: ObjectLocation) {
    const { bytes } = this.#find(location);
    return (async function* () {
      for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.slice(at, at + 65_536);
    })();
  }
  async range(location: ObjectLocation, start: number, end: number) {
    return this.#find(location).bytes.slice(start, end + 1);
  }
  async write({ bucket, key }: ObjectLocation, content: Uint8Array | string) {
    this.put(bucket, key, content);
  }
}
