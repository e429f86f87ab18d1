import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../../local/clock.ts';
import type { Ids } from '../../local/ids.ts';
import { createS3 } from '../../local/s3/s3.ts';
import type { Principal } from '../../local/service.ts';
import { type ObjectStorage, restObjectStorage } from '../../local/step-functions/map-run/object-storage.ts';
import type { Store } from '../../local/store/store.ts';

/** An object that a case put before its execution was started. */
export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: string;
}

const ACCOUNT_ID = '111111111111';
const REGION = 'us-east-1';
const ROLE: Principal = {
  kind: 'root',
  accountId: ACCOUNT_ID,
  arn: `arn:aws:iam::${ACCOUNT_ID}:root`,
  userId: ACCOUNT_ID,
};

/** The local S3 with a case's objects in it, and the buckets that its definition names. `remove` takes its folder away. */
export async function objectsOf(
  one: { readonly s3?: readonly StoredObject[] | null; readonly definition: unknown },
  context: { readonly store: Store; readonly clock: Clock; readonly ids: Ids },
): Promise<{ readonly storage: ObjectStorage; remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-conformance-s3-'));
  const { service } = createS3(
    { ...context, accountId: ACCOUNT_ID, region: REGION, directory, log: () => {} },
    {
      emitServiceEvent: () => {},
      callOperation: () => Promise.reject(new Error('These objects have no KMS key.')),
    },
  );
  const call = { principal: ROLE, accountId: ACCOUNT_ID, region: REGION, requestId: 'conformance' };
  const storage = restObjectStorage((request) => service.handle(request, call));
  const objects = one.s3 ?? [];
  const named = [...JSON.stringify(one.definition).matchAll(/"Bucket":"([a-z0-9.-]+)"/g)].map(
    ([, bucket]) => bucket as string,
  );
  for (const bucket of new Set([...objects.map((object) => object.bucket), ...named])) {
    const request = {
      method: 'PUT',
      rawPath: `/${bucket}`,
      query: new URLSearchParams(),
      headers: {},
      body: Readable.from([]),
    };
    await service.handle(request, call);
  }
  for (const { bucket, key, body } of objects) {
    const bytes = Buffer.from(body);
    const role = { roleArn: ROLE.arn, sessionName: 'conformance' };
    await storage.put(role, bucket, key, Readable.from([bytes]), bytes.length);
  }
  return { storage, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
