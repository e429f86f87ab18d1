export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
  /** Absent: the current version. */
  readonly versionId?: string;
}

/**
 * Objects in buckets. Throws ObjectMissing (terminal) where there is none, StorageUnavailable (transient) where it did not answer,
 * ArtifactInvalid (terminal) where an object is larger than `limitBytes`.
 */
export interface ObjectStore {
  head(location: ObjectLocation): Promise<{ readonly bytes: number; readonly versionId: string }>;
  read(location: ObjectLocation, limitBytes: number): Promise<Uint8Array>;
  stream(location: ObjectLocation): Promise<AsyncIterable<Uint8Array>>;
  /** Bytes `start` to `end`, both included. */
  range(location: ObjectLocation, start: number, end: number): Promise<Uint8Array>;
  write(location: ObjectLocation, content: Uint8Array | string, contentType: string): Promise<void>;
}
