import { type ClientConfiguration, DEV, type TestRuntime } from '../server/test-runtime.ts';
import type { JsonObject, Principal } from '../service.ts';

const administrator: Principal = {
  kind: 'root',
  accountId: DEV,
  arn: `arn:aws:iam::${DEV}:root`,
  userId: DEV,
};

/** For tests: the configuration of an SDK client that acts in a role of DEV with these statements. */
export async function clientInRole(
  runtime: TestRuntime,
  RoleName: string,
  Statement: readonly JsonObject[],
): Promise<ClientConfiguration> {
  const { attributes } = await runtime.put(DEV, 'AWS::IAM::Role', {
    RoleName,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: DEV }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'policy', PolicyDocument: { Version: '2012-10-17', Statement } }],
  });
  const input = { RoleArn: attributes.Arn, RoleSessionName: 'test' };
  const { Credentials } = await runtime.services.callOperation('sts', 'AssumeRole', input, administrator);
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials as Record<string, string>;
  const credentials = {
    accessKeyId: String(AccessKeyId),
    secretAccessKey: String(SecretAccessKey),
    sessionToken: String(SessionToken),
  };
  return { ...runtime.client(DEV), credentials };
}
