import type { ServiceNotes } from '../service-notes.ts';

export const s3Notes: ServiceNotes = {
  service: 's3',
  title: 'S3',
  typePrefixes: ['AWS::S3::'],
  does: [
    'Path-style requests; versioning, conditional reads and writes (`If-Match`, `If-None-Match: *`), ranges, all checksums of the SDK in headers and trailers, aws-chunked uploads, multipart uploads, copies between accounts, presigned URLs.',
    'Object Lock: governance, compliance and legal hold, default retention, in buckets of templates and of the API; passing over governance is judged as `s3:BypassGovernanceRetention`.',
    'Tags of objects and of buckets, in requests, headers and copies; policies see `s3:RequestObjectTag/…` and `s3:RequestObjectTagKeys`.',
    'Encryption at rest: each object has a data key of its own. With SSE-KMS the KMS key seals it, and whoever writes or reads needs `kms:GenerateDataKey` or `kms:Decrypt` on that key; with SSE-S3 (the default) a key of the account does.',
    'Bucket policies, `BlockPublicPolicy`; events to EventBridge in the same transaction as the write.',
    'An object is on disk before its write is answered, and is there whole or not at all after a crash: what a killed upload leaves is removed at the next start.',
  ],
  withoutEffect: [
    {
      type: 'AWS::S3::Bucket',
      properties: ['LifecycleConfiguration', 'OwnershipControls', 'LoggingConfiguration'],
      as: 'kept',
    },
  ],
  refused: [
    'Notifications to SNS, SQS or Lambda: only EventBridge.',
    'Host-style addresses (`bucket.s3…`): use path style.',
  ],
  differs: [
    '`BlockPublicAcls`, `IgnorePublicAcls` and `RestrictPublicBuckets` are kept and shown; there are no ACLs, and a public policy that was there before is not restricted.',
    'A statement that asks for `s3:ExistingObjectTag/…` allows nothing: the tags of what is stored are not given to policies.',
    'A year of retention is 365 days; the ETag of an object with SSE-KMS is random.',
  ],
};
