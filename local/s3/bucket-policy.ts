import { AwsError } from '../aws-error.ts';
import type { PolicyDocument, PolicyStatement } from '../iam/authorize.ts';
import { asList } from '../iam/policy.ts';
import { readPolicyDocument } from '../iam/policy-document.ts';
import { type Bucket, bucketArn } from './buckets.ts';

/** Keys that, with a fixed value, name who may come. */
const NARROWING = new Set(
  [
    'aws:SourceIp',
    'aws:SourceArn',
    'aws:SourceVpc',
    'aws:SourceVpce',
    'aws:SourceOwner',
    'aws:SourceAccount',
    'aws:PrincipalOrgID',
    'aws:PrincipalAccount',
    'aws:PrincipalArn',
    'aws:userid',
    's3:DataAccessPointArn',
    's3:DataAccessPointAccount',
  ].map((key) => key.toLowerCase()),
);

/**
 * Reads a bucket policy. Throws MalformedPolicy when it is none or speaks of another bucket, AccessDenied when it would open
 * the bucket to everybody and the bucket blocks that.
 */
export function readBucketPolicy(value: unknown, bucket: Bucket, where: string): PolicyDocument {
  const policy = readAsS3(value, where);
  for (const statement of asList(policy.Statement)) {
    if (statement.Principal === undefined) throw malformed('Missing required field Principal');
    const resources = [...asList(statement.Resource), ...asList(statement.NotResource)];
    if (resources.length === 0) throw malformed('Missing required field Resource');
    if (!resources.every((resource) => isOf(bucket, resource))) throw malformed('Policy has invalid resource');
  }
  if (bucket.settings.publicAccessBlock?.BlockPublicPolicy && asList(policy.Statement).some(isPublic)) {
    throw new AwsError(
      'AccessDenied',
      `The policy of bucket ${bucket.name} grants access to everybody, and its BlockPublicPolicy block public access setting prevents that.`,
      403,
    );
  }
  return policy;
}

function readAsS3(value: unknown, where: string): PolicyDocument {
  try {
    return readPolicyDocument(value, where);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'MalformedPolicyDocument') throw malformed(error.message);
    throw error;
  }
}

const malformed = (message: string): AwsError => new AwsError('MalformedPolicy', message, 400);

const isOf = (bucket: Bucket, resource: string): boolean => {
  const arn = bucketArn(bucket.name);
  return resource === arn || resource.startsWith(`${arn}/`) || resource === `${arn}*`;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status */
function isPublic({ Effect, Principal, Condition }: PolicyStatement): boolean {
  if (Effect !== 'Allow' || Principal === undefined) return false;
  const names = Principal === '*' ? ['*'] : asList(Principal.AWS);
  if (!names.includes('*')) return false;
  return !Object.values(Condition ?? {}).some((keys) =>
    Object.entries(keys).some(
      ([key, wanted]) =>
        NARROWING.has(key.toLowerCase()) && asList(wanted).every((text) => !/[*?]|\$\{/.test(String(text))),
    ),
  );
}
