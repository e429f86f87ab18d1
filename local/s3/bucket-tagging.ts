import { AwsError } from '../aws-error.ts';
import { type BucketOperation, document, XML } from './bucket-operation.ts';
import { MOST_BUCKET_TAGS, readTagSet, writeTagging } from './tags.ts';

export const GET_TAGGING: BucketOperation = {
  name: 'GetBucketTagging',
  action: 'GetBucketTagging',
  async run(_store, { bucket }) {
    const { tags } = bucket.settings;
    if (Object.keys(tags).length === 0) {
      throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', 404, { BucketName: bucket.name });
    }
    return { statusCode: 200, headers: XML, body: writeTagging(tags) };
  },
};

export const PUT_TAGGING: BucketOperation = {
  name: 'PutBucketTagging',
  action: 'PutBucketTagging',
  async run({ ctx, buckets }, { bucket, rest }) {
    const tags = readTagSet(await document(rest, 'Tagging'), MOST_BUCKET_TAGS);
    ctx.store.transaction(() => buckets.change(bucket, { tags }));
    return { statusCode: 204 };
  },
};

export const DELETE_TAGGING: BucketOperation = {
  name: 'DeleteBucketTagging',
  action: 'PutBucketTagging',
  async run({ ctx, buckets }, { bucket }) {
    ctx.store.transaction(() => buckets.change(bucket, { tags: {} }));
    return { statusCode: 204 };
  },
};
