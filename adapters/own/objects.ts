import { S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../domain/ports/object-store.ts';
import { createS3ObjectStore } from '../aws/s3-object-store.ts';

/** The object store, with the function's own role: which buckets it reaches is the role's matter. */
export const ownObjects = (): ObjectStore => createS3ObjectStore(new S3Client({}));
