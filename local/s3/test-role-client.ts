import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { DEV, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject } from '../service.ts';

/** For tests: a client that acts in a role of DEV with these statements. */
export async function clientInRole(
  runtime: TestRuntime,
  RoleName: string,
  Statement: readonly JsonObject[],
): Promise<S3Client> {
  const { attributes } = await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: DEV }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'policy', PolicyDocument: { Version: '2012-10-17', Statement } }],
  });
  const sts = new STSClient(runtime.client(DEV));
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: attributes.Arn as string, RoleSessionName: 'test' }),
  );
  return new S3Client({
    ...runtime.client(DEV),
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  });
}
