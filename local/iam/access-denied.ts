import { AwsError } from '../aws-error.ts';
import type { Principal } from '../service.ts';
import type { Judgement, PolicyKind } from './judge.ts';

type Refusal = Extract<Judgement, { allowed: false }>;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function denialReason({ reason, kind }: Refusal, action: string): string {
  if (reason === 'explicit-deny') return `with an explicit deny in ${ARTICLE[kind]} ${kind}`;
  return `because no ${kind} allows the ${action} action`;
}

const ARTICLE: Readonly<Record<PolicyKind, string>> = {
  'identity-based policy': 'an',
  'permissions boundary': 'a',
  'session policy': 'a',
  'resource-based policy': 'a',
};

/** AWS's own refusal: AccessDenied (403) for S3, STS and IAM, AccessDeniedException (400; 403 for Lambda) for the others. */
export function accessDenied(
  { principal, action, resourceArn }: { principal: Principal; action: string; resourceArn: string },
  refusal: Refusal,
): AwsError {
  const service = action.slice(0, action.indexOf(':'));
  const resource = service === 's3' ? `"${resourceArn}"` : resourceArn;
  const denial = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  // STS gives no reason: who asks must not learn whether there is such a role in another account.
  if (service === 'sts') return new AwsError('AccessDenied', denial, 403);
  const message = `${denial} ${denialReason(refusal, action)}`;
  if (service === 's3' || service === 'iam') return new AwsError('AccessDenied', message, 403);
  return new AwsError('AccessDeniedException', message, service === 'lambda' ? 403 : 400);
}
