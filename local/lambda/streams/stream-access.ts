import { authorize } from '../../iam/authorize.ts';
import type { Call } from '../../service.ts';

/**
 * Throws AccessDeniedException unless the function's role may do all that Lambda does with a stream.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#events-dynamodb-permissions
 */
export function requireStream(call: Call, streamArn: string): void {
  for (const action of ['DescribeStream', 'GetShardIterator', 'GetRecords']) {
    authorize({ call, action: `dynamodb:${action}`, resourceArn: streamArn });
  }
  // It has no resource type.
  authorize({ call, action: 'dynamodb:ListStreams', resourceArn: '*' });
}
