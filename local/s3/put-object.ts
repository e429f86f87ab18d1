import type { RestResponse } from '../service.ts';
import { encryptionHeaders, requestedEncryption, writtenEtag } from './encryption.ts';
import { admitNewObject } from './new-object.ts';
import { checksumHeaders, readDescription, versionHeaders, WRITE_HEADERS } from './object-headers.ts';
import { assertProvenWhole } from './object-lock.ts';
import { commitObject, type ObjectStore } from './objects.ts';
import { assertWriteConditions } from './preconditions.ts';
import { receiveBody } from './receive-body.ts';
import { type ObjectRequest, takeOnly } from './request.ts';
import type { ObjectContent } from './versions.ts';

/** PutObject: streamed to disk, verified, then put in place with its event. */
export async function putObject(store: ObjectStore, request: ObjectRequest): Promise<RestResponse> {
  const { rest, call, bucket, key } = request;
  takeOnly('PutObject', request, [], WRITE_HEADERS);
  const traits = admitNewObject(request, store.ctx.clock.now());
  assertProvenWhole(rest, bucket, traits);
  const wanted = requestedEncryption(rest.headers, bucket.settings.encryption);
  const { dataKey, encryption } = await store.dataKeys.generate(request, wanted);
  const description = readDescription(rest.headers);
  // A condition that fails already need not wait for the bytes; the transaction judges it again.
  assertWriteConditions(rest.headers, key, store.versions.latest(bucket, key));

  const { segment, md5, checksum } = await receiveBody(store.bodies, rest, dataKey);
  const content: ObjectContent = {
    ...description,
    ...traits,
    encryption,
    checksum,
    bytes: segment.bytes,
    etag: writtenEtag(encryption, md5, store.ctx.ids),
    segments: [segment],
  };
  try {
    const { bucket: current, version } = await store.commits.run(() =>
      commitObject(store, { bucketName: bucket.name, key, content, reason: 'PutObject', call }, (latest) =>
        assertWriteConditions(rest.headers, key, latest),
      ),
    );
    return {
      statusCode: 200,
      headers: {
        etag: `"${content.etag}"`,
        ...versionHeaders(current, version),
        ...encryptionHeaders(encryption),
        ...checksumHeaders(content),
      },
    };
  } catch (error) {
    store.bodies.remove([segment]);
    throw error;
  }
}
