import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ArtifactInvalid, ObjectMissing, StorageUnavailable } from '../../domain/errors.ts';
import type { ObjectLocation, ObjectStore } from '../../domain/ports/object-store.ts';
import { isTransient } from './is-transient.ts';

/** The ObjectStore port on S3. */
export function createS3ObjectStore(client: S3Client): ObjectStore {
  const at = ({ bucket, key, versionId }: ObjectLocation) => ({
    Bucket: bucket,
    Key: key,
    ...(versionId !== undefined && { VersionId: versionId }),
  });
  const name = ({ bucket, key, versionId }: ObjectLocation) =>
    `s3://${bucket}/${key}${versionId ? ` (version ${versionId})` : ''}`;

  const failed =
    (location: ObjectLocation) =>
    (error: unknown): never => {
      const code = (error as Error).name;
      if (['NoSuchKey', 'NotFound', 'NoSuchVersion', 'NoSuchBucket'].includes(code)) {
        throw new ObjectMissing(`${name(location)} is not there`, { cause: error });
      }
      if (isTransient(error)) throw new StorageUnavailable(`${name(location)}: ${error}`, { cause: error });
      throw error;
    };

  const get = async (location: ObjectLocation, range?: string) => {
    const answer = await client
      .send(new GetObjectCommand({ ...at(location), ...(range && { Range: range }) }))
      .catch(failed(location));
    if (!answer.Body) throw new StorageUnavailable(`${name(location)} came without a body`);
    return { body: answer.Body, bytes: answer.ContentLength ?? 0 };
  };

  return {
    async head(location) {
      const answer = await client.send(new HeadObjectCommand(at(location))).catch(failed(location));
      return { bytes: answer.ContentLength ?? 0, versionId: answer.VersionId ?? 'null' };
    },
    async read(location, limitBytes) {
      const { body, bytes } = await get(location);
      if (bytes > limitBytes) {
        throw new ArtifactInvalid(
          `${name(location)} has ${bytes} bytes, more than the ${limitBytes} that are read here`,
        );
      }
      return body.transformToByteArray().catch(failed(location));
    },
    async stream(location) {
      return (await get(location)).body as unknown as AsyncIterable<Uint8Array>;
    },
    async range(location, start, end) {
      return (await get(location, `bytes=${start}-${end}`)).body.transformToByteArray().catch(failed(location));
    },
    async write(location, content, contentType) {
      await client
        .send(new PutObjectCommand({ ...at(location), Body: content, ContentType: contentType }))
        .catch(failed(location));
    },
  };
}
