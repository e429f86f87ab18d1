import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliMissing } from './awscli.ts';

let runtime: TestRuntime;
beforeAll(async () => {
  runtime = await startTestRuntime();
  await runtime.put(DEV, 'AWS::S3::Bucket', { BucketName: 'shelf' });
});
afterAll(() => runtime.dispose());

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 60_000 }, () => {
  it.skipIf(awscliMissing)('finds the call of a stranger in the event history', async () => {
    const stranger = new AwsCli(runtime, ACC, REGION);
    await expect(stranger.json('s3api', 'list-objects-v2', '--bucket', 'shelf')).rejects.toThrow('(AccessDenied)');
    const cli = new AwsCli(runtime, DEV, REGION);
    const wanted = ['--lookup-attributes', 'AttributeKey=EventSource,AttributeValue=s3.amazonaws.com'];
    const { Events } = (await cli.json('cloudtrail', 'lookup-events', ...wanted)) as {
      Events: { EventName: string; CloudTrailEvent: string }[];
    };
    expect(Events).toEqual([
      expect.objectContaining({ EventName: 'ListBucket', Resources: [{ ResourceName: 'arn:aws:s3:::shelf' }] }),
    ]);
    expect(JSON.parse(Events[0]?.CloudTrailEvent ?? '{}')).toMatchObject({
      errorCode: 'AccessDenied',
      userIdentity: { accountId: ACC },
      recipientAccountId: DEV,
    });
  });
});
