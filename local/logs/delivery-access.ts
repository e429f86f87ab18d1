import { AwsError } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import type { AccountContext } from '../service.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy */
const ACTIONS = [
  'logs:CreateLogDelivery',
  'logs:CreateLogStream',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutLogEvents',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];

/**
 * A state machine that logs must have a role that may set its log delivery up. None of the actions has a resource type. Throws
 * AccessDeniedException.
 */
export function requireLogDelivery(ctx: AccountContext, roleArn: string, stateMachineArn: string): void {
  const { access, accountId, region } = ctx;
  if (access === undefined) return;
  const session = roleArn.replace(/:iam:(.*):role\/(?:.*\/)?([^/]+)$/, ':sts:$1:assumed-role/$2/log-delivery');
  const principal = {
    kind: 'assumed-role',
    accountId,
    arn: session,
    roleArn,
    userId: 'log-delivery',
    takenBy: 'states.amazonaws.com',
    sourceArn: stateMachineArn,
  } as const;
  const call = { principal, accountId, region, requestId: ctx.ids.uuid(), access };
  try {
    for (const action of ACTIONS) authorize({ call, action, resourceArn: '*' });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      'AccessDeniedException',
      `The state machine IAM Role is not authorized to access the Log Destination: ${error.message}`,
    );
  }
}
