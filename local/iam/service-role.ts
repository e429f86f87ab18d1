import { AwsError } from '../aws-error.ts';
import type { Call, Principal } from '../service.ts';
import { isAuthorized } from './authorize.ts';
import type { PolicyDocument } from './policy.ts';

/** A role that a service takes by itself, for the resource that it works for. */
export interface ServiceRoleRequest {
  readonly call: Call;
  /** `lambda.amazonaws.com` */
  readonly service: string;
  readonly roleArn: string;
  /** The function, rule or state machine: what the role's trust policy sees as `aws:SourceArn`. */
  readonly sourceArn?: string | undefined;
  readonly trust: PolicyDocument | undefined;
}

/** Throws AccessDeniedException unless the role's trust policy lets the service take it. A role that is not there lets nobody. */
export function requireServiceRole({ call, service, roleArn, sourceArn, trust }: ServiceRoleRequest): void {
  const principal: Principal = {
    kind: 'service',
    accountId: call.accountId,
    arn: service,
    userId: service,
    ...(sourceArn === undefined ? {} : { sourceArn }),
  };
  const action = 'sts:AssumeRole';
  if (isAuthorized({ call: { ...call, principal }, action, resourceArn: roleArn, resourcePolicy: trust })) return;
  throw new AwsError('AccessDeniedException', `${service} is not authorized to assume the provided role ${roleArn}.`);
}
