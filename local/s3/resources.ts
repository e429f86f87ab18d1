import { AwsError, notImplemented } from '../aws-error.ts';
import type { DeployedResource, ResourceHandler, ResourceRequest } from '../deploy/resource.ts';
import type { JsonObject } from '../service.ts';
import { removeBucket } from './bucket-operations.ts';
import { readBucketPolicy } from './bucket-policy.ts';
import { type Bucket, bucketArn, PUBLIC_ACCESS_BLOCKS, type PublicAccessBlock } from './buckets.ts';
import { bucketAlreadyExists } from './create-bucket.ts';
import { type Encryption, readEncryption } from './encryption.ts';
import type { ObjectStore } from './objects.ts';
import { type LockConfiguration, readDefaultRetention } from './retention.ts';

/** Kept with the bucket and told by nobody: nothing here acts on them. */
const WITHOUT_EFFECT = ['LifecycleConfiguration', 'OwnershipControls', 'LoggingConfiguration'];
const SUFFIX_LENGTH = 12;
const LONGEST_NAME = 63;

/** `AWS::S3::Bucket`. Ref: the name. GetAtt: Arn and the domain names. */
export function bucketHandler(store: ObjectStore, isTaken: (bucketName: string) => boolean): ResourceHandler {
  const { ctx, buckets } = store;
  return {
    type: 'AWS::S3::Bucket',
    properties: [
      'BucketName',
      'VersioningConfiguration',
      'NotificationConfiguration',
      'PublicAccessBlockConfiguration',
      'BucketEncryption',
      'ObjectLockEnabled',
      'ObjectLockConfiguration',
      'Tags',
      ...WITHOUT_EFFECT,
    ],
    async put(request) {
      const { properties } = request;
      const name = bucketName(request, ctx.ids.hex(SUFFIX_LENGTH));
      return ctx.store.transaction(() => {
        if (!buckets.find(name) && isTaken(name)) throw bucketAlreadyExists(name);
        const bucket = buckets.find(name) ?? buckets.create(name);
        const objectLock = readObjectLock(properties, bucket);
        const versioning = objectLock ? 'Enabled' : readVersioning(properties.VersioningConfiguration);
        if (versioning) buckets.setVersioning(bucket, versioning);
        // Versioning once on is never off again, only suspended.
        else if (bucket.versioning) buckets.setVersioning(bucket, 'Suspended');
        buckets.change(bucket, {
          eventBridge: readEventBridge(properties.NotificationConfiguration),
          publicAccessBlock: readPublicAccessBlock(properties.PublicAccessBlockConfiguration),
          objectLock,
          encryption: readBucketEncryption(properties.BucketEncryption),
          tags: readTags(properties.Tags),
          withoutEffect: Object.fromEntries(
            WITHOUT_EFFECT.filter((property) => properties[property] !== undefined).map((property) => [
              property,
              properties[property],
            ]),
          ),
        });
        return deployed(name, ctx.region);
      });
    },
    async delete(physicalId) {
      const bucket = buckets.find(physicalId);
      if (bucket) removeBucket(store, bucket);
    },
  };
}

/** `AWS::S3::BucketPolicy`. Ref: the bucket's name. */
export function bucketPolicyHandler({ ctx, buckets }: ObjectStore): ResourceHandler {
  return {
    type: 'AWS::S3::BucketPolicy',
    properties: ['Bucket', 'PolicyDocument'],
    async put({ properties, logicalId }) {
      const bucket = buckets.get(String(properties.Bucket));
      const policy = readBucketPolicy(properties.PolicyDocument, bucket, `AWS::S3::BucketPolicy ${logicalId}`);
      ctx.store.transaction(() => buckets.change(bucket, { policy }));
      return { physicalId: bucket.name, attributes: {} };
    },
    async delete(physicalId) {
      const bucket = buckets.find(physicalId);
      if (bucket) ctx.store.transaction(() => buckets.change(bucket, { policy: undefined }));
    },
  };
}

/** As CloudFormation names a bucket that the template does not: lower case, at most 63 characters. */
function bucketName({ properties, previous, stackName, logicalId }: ResourceRequest, suffix: string): string {
  if (typeof properties.BucketName === 'string') return properties.BucketName;
  if (previous) return previous.physicalId;
  const stem = `${stackName}-${logicalId}`.toLowerCase().replace(/[^a-z0-9-]/g, '');
  return `${stem.slice(0, LONGEST_NAME - SUFFIX_LENGTH - 1)}-${suffix}`;
}

function deployed(name: string, region: string): DeployedResource {
  return {
    physicalId: name,
    attributes: {
      Arn: bucketArn(name),
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  };
}

function readVersioning(raw: unknown): Bucket['versioning'] {
  const status = (raw as JsonObject | undefined)?.Status;
  if (status === undefined) return undefined;
  if (status === 'Enabled' || status === 'Suspended') return status;
  throw invalid(`VersioningConfiguration.Status must be Enabled or Suspended, not ${String(status)}`);
}

/** Object Lock keeps versions, and is never off again. */
function readObjectLock(properties: JsonObject, { name, settings }: Bucket): LockConfiguration | undefined {
  const { ObjectLockEnabled: enabled, ObjectLockConfiguration: raw, VersioningConfiguration: versioning } = properties;
  const configuration = raw as JsonObject | undefined;
  if (!isTrue(enabled) && configuration?.ObjectLockEnabled !== 'Enabled') {
    if (configuration !== undefined) throw invalid('ObjectLockConfiguration needs ObjectLockEnabled: Enabled');
    if (settings.objectLock) throw invalid(`Object Lock of ${name} cannot be turned off`);
    return undefined;
  }
  if (readVersioning(versioning) === 'Suspended') throw invalid('a bucket with Object Lock keeps versions');
  const rule = configuration?.Rule as JsonObject | undefined;
  if (rule === undefined) return {};
  const malformed = () => invalid('ObjectLockConfiguration.Rule.DefaultRetention needs Mode and one of Days and Years');
  const retention = rule.DefaultRetention as JsonObject | undefined;
  if (retention === undefined) throw malformed();
  return { defaultRetention: readDefaultRetention(retention, malformed) };
}

function readEventBridge(raw: unknown): boolean {
  const configuration = (raw ?? {}) as JsonObject;
  const [other] = Object.keys(configuration).filter((name) => name !== 'EventBridgeConfiguration');
  if (other !== undefined)
    throw notImplemented(`NotificationConfiguration.${other} of AWS::S3::Bucket (only EventBridge is)`);
  const eventBridge = configuration.EventBridgeConfiguration as JsonObject | undefined;
  // CloudFormation's default is true.
  return eventBridge !== undefined && isTrue(eventBridge.EventBridgeEnabled ?? true);
}

function readPublicAccessBlock(raw: unknown): PublicAccessBlock {
  // A template that says nothing gets what a new bucket has: everything blocked. One that says something says all of it.
  const given = raw as JsonObject | undefined;
  const setting = (name: keyof PublicAccessBlock) => (given === undefined ? true : isTrue(given[name] ?? false));
  return Object.fromEntries(PUBLIC_ACCESS_BLOCKS.map((name) => [name, setting(name)])) as Record<
    keyof PublicAccessBlock,
    boolean
  >;
}

function readBucketEncryption(raw: unknown): Encryption | undefined {
  const rules = ((raw as JsonObject | undefined)?.ServerSideEncryptionConfiguration ?? []) as readonly JsonObject[];
  const [rule] = rules;
  if (!rule) return undefined;
  const byDefault = rule.ServerSideEncryptionByDefault as JsonObject | undefined;
  if (typeof byDefault?.SSEAlgorithm !== 'string') {
    throw invalid('BucketEncryption needs ServerSideEncryptionByDefault.SSEAlgorithm');
  }
  const key = byDefault.KMSMasterKeyID;
  return readEncryption(
    byDefault.SSEAlgorithm,
    typeof key === 'string' ? key : undefined,
    isTrue(rule.BucketKeyEnabled),
  );
}

const readTags = (raw: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(((raw ?? []) as readonly JsonObject[]).map(({ Key, Value }) => [String(Key), String(Value)]));

/** A template whose values came through parameters may carry booleans as text. */
const isTrue = (value: unknown): boolean => value === true || value === 'true';

const invalid = (message: string): AwsError => new AwsError('InvalidRequest', `AWS::S3::Bucket: ${message}.`, 400);
