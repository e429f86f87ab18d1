import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { Call, Principal } from '../service.ts';
import type { RequestContext } from './condition.ts';
import { identityDecision } from './identity.ts';
import { evaluateResourcePolicy, type PolicyDecision, type PolicyDocument, type PolicyRequest } from './policy.ts';

export type { PolicyDocument, PolicyStatement } from './policy.ts';

export interface AuthorizeRequest {
  readonly call: Call;
  /** `kms:Decrypt` */
  readonly action: string;
  readonly resourceArn: string;
  /** The policy on the resource that is addressed, if it has one. */
  readonly resourcePolicy?: PolicyDocument | undefined;
  /** Condition keys of this request beside the global ones about the caller, e.g. `s3:prefix`, `aws:SourceArn`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Returns if the call may be made; otherwise throws AWS's own refusal: AccessDenied (403) for S3 and STS,
 * AccessDeniedException (400; 403 for Lambda) for the others.
 */
export function authorize(request: AuthorizeRequest): void {
  const reason = denial(request);
  if (reason !== undefined) throw accessDenied(request, reason);
}

/** Why the call may not be made, in AWS's words; undefined when it may. */
function denial(request: AuthorizeRequest): string | undefined {
  const { call, action, resourceArn, resourcePolicy } = request;
  const context: RequestContext = { ...globalContext(call), ...request.context };
  const policyRequest: PolicyRequest = { action, resourceArn, context };

  const byResource: PolicyDecision = resourcePolicy
    ? evaluateResourcePolicy(resourcePolicy, call.principal, policyRequest)
    : { effect: 'implicit-deny' };
  if (byResource.effect === 'explicit-deny') return 'with an explicit deny in a resource-based policy';

  const noResourceAllow = `because no resource-based policy allows the ${action} action`;
  // A service has no identity policies: only the resource can let it in.
  if (call.principal.kind === 'service') return byResource.effect === 'allow' ? undefined : noResourceAllow;

  const byIdentity = identityDecision(call.principal, policyRequest);
  if (byIdentity.effect === 'explicit-deny') return 'with an explicit deny in an identity-based policy';

  const crossAccount = call.accountId !== call.principal.accountId;
  if ((crossAccount || resourceMustAllow(action)) && byResource.effect !== 'allow') return noResourceAllow;

  const grantedByResourceAlone = !crossAccount && byResource.effect === 'allow' && byResource.grantedBy === 'principal';
  if (grantedByResourceAlone || byIdentity.effect === 'allow') return undefined;
  return `because no identity-based policy allows the ${action} action`;
}

/**
 * Keys and roles are closed to their own account too until their policy opens them.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 */
const resourceMustAllow = (action: string): boolean => action.startsWith('kms:') || action === 'sts:AssumeRole';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function globalContext(call: Call): RequestContext {
  const { principal } = call;
  const isService = principal.kind === 'service';
  return {
    'aws:PrincipalArn': principal.roleArn ?? principal.arn,
    'aws:PrincipalIsAWSService': String(isService),
    ...(isService ? { 'aws:PrincipalServiceName': principal.arn } : { 'aws:PrincipalAccount': principal.accountId }),
    ...(isService ? { 'aws:SourceAccount': principal.accountId } : {}),
    ...(principal.sourceArn ? { 'aws:SourceArn': principal.sourceArn } : {}),
    'aws:PrincipalType': principalType(principal),
    'aws:userid': principal.userId,
    ...(principal.kind === 'user' ? { 'aws:username': principal.arn.slice(principal.arn.lastIndexOf('/') + 1) } : {}),
    'aws:RequestedRegion': call.region,
    'aws:ResourceAccount': call.accountId,
    // Nothing leaves the loopback interface, which is what a TLS-only policy is there to prevent; a real `false`
    // would make every such bucket unusable here.
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': 'false',
  };
}

function principalType(principal: Principal): string {
  switch (principal.kind) {
    case 'root':
      return 'Account';
    case 'user':
      return 'User';
    case 'assumed-role':
      return 'AssumedRole';
    case 'service':
      return 'Service';
  }
}

function accessDenied({ call, action, resourceArn }: AuthorizeRequest, reason: string): AwsError {
  const service = action.slice(0, action.indexOf(':'));
  const resource = service === 's3' ? `"${resourceArn}"` : resourceArn;
  const message = `User: ${call.principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  if (service === 's3' || service === 'sts') return new AwsError('AccessDenied', message, 403);
  return new AwsError('AccessDeniedException', message, service === 'lambda' ? 403 : 400);
}

/** The account that owns the resource, where its ARN says so. */
export const accountOfArn = (arn: string): string | undefined => parseArn(arn)?.accountId || undefined;
