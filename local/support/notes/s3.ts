import type { ServiceNotes } from '../service-notes.ts';

export const s3Notes: ServiceNotes = {
  service: 's3',
  title: 'S3',
  typePrefixes: ['AWS::S3::'],
  does: [
    'Path-style requests; versioning, conditional reads and writes (`If-Match`, `If-None-Match: *`), ranges, all checksums of the SDK in headers and trailers, aws-chunked uploads, multipart uploads, copies between accounts, presigned URLs.',
    'Bucket policies, `BlockPublicPolicy`; events to EventBridge in the same transaction as the write.',
  ],
  withoutEffect: [
    {
      type: 'AWS::S3::Bucket',
      properties: ['LifecycleConfiguration', 'OwnershipControls', 'LoggingConfiguration'],
      as: 'kept',
    },
    {
      type: 'AWS::S3::Bucket',
      properties: ['BucketEncryption'],
      as: 'shown',
      why: 'answers carry the headers of SSE-S3 and SSE-KMS and policies see them, but the bytes on disk are plain and KMS is not asked',
    },
  ],
  refused: [
    'Notifications to SNS, SQS or Lambda: only EventBridge.',
    'A KMS key named by its alias.',
    'Host-style addresses (`bucket.s3…`): use path style.',
  ],
  differs: [
    '`BlockPublicAcls`, `IgnorePublicAcls` and `RestrictPublicBuckets` are kept and shown; there are no ACLs, and a public policy that was there before is not restricted.',
    'A bucket’s tags are shown by GetBucketTagging; objects have none.',
  ],
};
