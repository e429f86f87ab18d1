import { createHash } from 'node:crypto';
import { NO_VALUE } from './intrinsics.ts';

export interface StackIdentity {
  readonly stackName: string;
  readonly accountId: string;
  readonly region: string;
}

/** The same stack of the same account keeps its id, as long as it is there and when it is made again. */
export function stackId({ stackName, accountId, region }: StackIdentity): string {
  const hex = createHash('sha256').update(`${accountId}/${region}/${stackName}`).digest('hex');
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  return `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/${uuid}`;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
export const pseudoParameters = (stack: StackIdentity): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>([
    ['AWS::AccountId', stack.accountId],
    ['AWS::NotificationARNs', []],
    ['AWS::NoValue', NO_VALUE],
    ['AWS::Partition', 'aws'],
    ['AWS::Region', stack.region],
    ['AWS::StackId', stackId(stack)],
    ['AWS::StackName', stack.stackName],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ]);
