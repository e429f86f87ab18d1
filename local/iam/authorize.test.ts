import { describe, expect, test } from 'vitest';
import { AwsError } from '../aws-error.ts';
import type { Call, Principal } from '../service.ts';
import { authorize, type PolicyDocument, type PolicyStatement } from './authorize.ts';
import { everyRoleMay } from './test-access.ts';

const DEV = '111111111111';
const ACC = '222222222222';

const role = (accountId: string): Principal => ({
  kind: 'assumed-role',
  accountId,
  arn: `arn:aws:sts::${accountId}:assumed-role/train/s`,
  roleArn: `arn:aws:iam::${accountId}:role/train`,
  userId: 'AROAX:s',
});
const service: Principal = {
  kind: 'service',
  accountId: DEV,
  arn: 'events.amazonaws.com',
  userId: 'events.amazonaws.com',
  sourceArn: `arn:aws:events:eu-west-1:${DEV}:rule/r`,
};

/** Every role may do everything, but for what its resource says. */
const access = everyRoleMay({ now: () => Date.UTC(2026, 2, 1) });

const call = (principal: Principal, accountId = DEV): Call => ({
  principal,
  accountId,
  region: 'eu-west-1',
  requestId: 'r',
  access,
});
const policy = (...Statement: PolicyStatement[]): PolicyDocument => ({ Statement });
const allow = (Principal: PolicyStatement['Principal'], more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action: '*',
  Resource: '*',
  ...(Principal ? { Principal } : {}),
  ...more,
});
const deny = (Principal: PolicyStatement['Principal'], more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  ...allow(Principal, more),
  Effect: 'Deny',
});

interface Case {
  readonly case: string;
  readonly principal: Principal;
  readonly action?: string;
  readonly resourcePolicy?: PolicyDocument;
  readonly denied?: string;
}

describe('who may do what', () => {
  test.each<Case>([
    { case: 'an identity in its own account, without a resource policy', principal: role(DEV) },
    {
      case: 'an identity in its own account that the resource policy does not mention',
      principal: role(DEV),
      resourcePolicy: policy(allow({ AWS: ACC })),
    },
    {
      case: 'an identity in its own account that the resource policy denies',
      principal: role(DEV),
      resourcePolicy: policy(allow('*'), deny({ AWS: DEV })),
      denied: 'with an explicit deny in a resource-based policy',
    },
    {
      case: 'another account without a resource policy',
      principal: role(ACC),
      denied: 'because no resource-based policy allows the sqs:SendMessage action',
    },
    { case: 'another account that is let in', principal: role(ACC), resourcePolicy: policy(allow({ AWS: ACC })) },
    {
      case: 'another account of which only another role is let in',
      principal: role(ACC),
      resourcePolicy: policy(allow({ AWS: `arn:aws:iam::${ACC}:role/other` })),
      denied: 'because no resource-based policy allows the sqs:SendMessage action',
    },
    {
      case: 'a key of the own account whose policy says nothing',
      principal: role(DEV),
      action: 'kms:Decrypt',
      denied: 'because no resource-based policy allows the kms:Decrypt action',
    },
    {
      case: 'a key of the own account that leaves it to the account',
      principal: role(DEV),
      action: 'kms:Decrypt',
      resourcePolicy: policy(allow({ AWS: DEV })),
    },
    {
      case: 'a service without a resource policy',
      principal: service,
      denied: 'because no resource-based policy allows the sqs:SendMessage action',
    },
    {
      case: 'a service that acts for the resource that is let in',
      principal: service,
      resourcePolicy: policy(
        allow(
          { Service: 'events.amazonaws.com' },
          {
            Condition: {
              ArnEquals: { 'aws:SourceArn': service.sourceArn as string },
              StringEquals: { 'aws:SourceAccount': DEV },
            },
          },
        ),
      ),
    },
    {
      case: 'a TLS-only policy, since nothing leaves the machine',
      principal: role(DEV),
      resourcePolicy: policy(deny('*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })),
    },
  ])('$case', ({ principal, action = 'sqs:SendMessage', resourcePolicy, denied }) => {
    const run = () => authorize({ call: call(principal), action, resourceArn: 'arn:r', resourcePolicy });
    if (denied === undefined) expect(run).not.toThrow();
    else
      expect(run).toThrow(
        `User: ${principal.arn} is not authorized to perform: ${action} on resource: arn:r ${denied}`,
      );
  });

  test.each([
    { action: 's3:GetObject', code: 'AccessDenied', statusCode: 403 },
    { action: 'sts:AssumeRole', code: 'AccessDenied', statusCode: 403 },
    { action: 'lambda:InvokeFunction', code: 'AccessDeniedException', statusCode: 403 },
    { action: 'kms:Sign', code: 'AccessDeniedException', statusCode: 400 },
    { action: 'events:PutEvents', code: 'AccessDeniedException', statusCode: 400 },
  ])('$action is refused as $code, $statusCode', ({ action, code, statusCode }) => {
    expect.assertions(2);
    try {
      authorize({ call: call(role(ACC)), action, resourceArn: 'arn:r' });
    } catch (error) {
      expect(error).toBeInstanceOf(AwsError);
      expect(error).toMatchObject({ code, statusCode });
    }
  });

  test('what the request adds to the context counts', () => {
    const resourcePolicy = policy(allow({ AWS: ACC }, { Condition: { StringLike: { 's3:prefix': 'shared/*' } } }));
    const list = (prefix: string) => () =>
      authorize({
        call: call(role(ACC)),
        action: 's3:ListBucket',
        resourceArn: 'arn:aws:s3:::b',
        resourcePolicy,
        context: { 's3:prefix': prefix },
      });
    expect(list('shared/x')).not.toThrow();
    expect(list('private/x')).toThrow('no resource-based policy allows');
  });
});
