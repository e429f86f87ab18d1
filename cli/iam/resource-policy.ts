import { DescribeEventBusCommand } from '@aws-sdk/client-eventbridge';
import { GetKeyPolicyCommand } from '@aws-sdk/client-kms';
import { GetPolicyCommand } from '@aws-sdk/client-lambda';
import { GetBucketPolicyCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { Connection } from '../target/connection.ts';

/** The policy on a resource as JSON text; undefined where it has none, or is of a kind that has none. */
export async function readResourcePolicy(connection: Connection, resourceArn: string): Promise<string | undefined> {
  const [, , service, , , ...rest] = resourceArn.split(':');
  const resource = rest.join(':');
  try {
    switch (service) {
      case 's3':
        return (await connection.s3.send(new GetBucketPolicyCommand({ Bucket: resource.split('/')[0] }))).Policy;
      case 'kms':
        return (await connection.kms.send(new GetKeyPolicyCommand({ KeyId: resourceArn, PolicyName: 'default' })))
          .Policy;
      case 'lambda':
        return (await connection.lambda.send(new GetPolicyCommand({ FunctionName: resourceArn }))).Policy;
      case 'events':
        if (!resource.startsWith('event-bus/')) return undefined;
        return (await connection.eventBridge.send(new DescribeEventBusCommand({ Name: resourceArn }))).Policy;
      case 'sqs': {
        const { QueueUrl } = await connection.sqs.send(new GetQueueUrlCommand({ QueueName: resource }));
        const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
        return (await connection.sqs.send(asked)).Attributes?.Policy;
      }
      default:
        return undefined;
    }
  } catch (error) {
    // No policy is an answer in S3 and Lambda; they, and the others, say so of a resource that is not there in the same way.
    if (
      /^(NoSuchBucketPolicy|NoSuchBucket|ResourceNotFoundException|NotFoundException|QueueDoesNotExist)$/.test(
        String((error as Error).name),
      )
    ) {
      return undefined;
    }
    throw error;
  }
}
