import type { Call, Principal } from '../service.ts';
import type { ContextValues } from './request-context.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
export function globalContext(call: Call, nowMs: number, roleTags: Readonly<Record<string, string>>): ContextValues {
  const { principal, origin } = call;
  const { via, session, sourceArn } = principal;
  const isService = principal.kind === 'service';
  const isDirect = via === undefined && !isService;
  const now = new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    'aws:CurrentTime': now,
    'aws:EpochTime': String(Math.floor(nowMs / 1000)),
    'aws:PrincipalArn': principal.roleArn ?? principal.arn,
    'aws:PrincipalIsAWSService': String(isService),
    'aws:PrincipalType': principalType(principal),
    'aws:userid': principal.userId,
    'aws:RequestedRegion': call.region,
    'aws:ResourceAccount': call.accountId,
    // Nothing leaves the loopback interface, which is what a TLS-only policy is there to prevent; a real `false`
    // would make every such bucket unusable here.
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': String(via !== undefined),
    ...(isService
      ? { 'aws:PrincipalServiceName': principal.arn, 'aws:SourceAccount': principal.accountId }
      : { 'aws:PrincipalAccount': principal.accountId }),
    ...(isService && sourceArn !== undefined ? { 'aws:SourceArn': sourceArn } : {}),
    ...(isDirect ? { 'aws:SourceIp': origin?.sourceIp ?? '127.0.0.1' } : {}),
    ...(isDirect && origin?.userAgent !== undefined ? { 'aws:UserAgent': origin.userAgent } : {}),
    ...(principal.kind === 'user' ? { 'aws:username': principal.arn.slice(principal.arn.lastIndexOf('/') + 1) } : {}),
    ...(principal.kind === 'assumed-role' ? { 'aws:MultiFactorAuthPresent': 'false' } : {}),
    ...(session === undefined
      ? {}
      : { 'aws:TokenIssueTime': new Date(session.issuedAtMs).toISOString().replace(/\.\d+Z$/, 'Z') }),
    ...(session?.sourceIdentity === undefined ? {} : { 'aws:SourceIdentity': session.sourceIdentity }),
    ...tagKeys('aws:PrincipalTag/', { ...roleTags, ...session?.tags }),
    ...viaContext(via),
  };
}

/** `{a: '1'}` → `aws:RequestTag/a: 1`, `aws:TagKeys: [a]`: of a request that gives tags. */
export const requestTagContext = (tags: Readonly<Record<string, string>>): ContextValues => ({
  ...tagKeys('aws:RequestTag/', tags),
  'aws:TagKeys': Object.keys(tags),
});

const tagKeys = (prefix: string, tags: Readonly<Record<string, string>>): ContextValues =>
  Object.fromEntries(Object.entries(tags).map(([name, value]) => [`${prefix}${name}`, value]));

function viaContext(via: string | undefined): ContextValues {
  if (via === undefined) return {};
  // KMS names the service with its region, the global keys without.
  const service = via.replace(/^([^.]+)\..*?(?=amazonaws)/, '$1.');
  return {
    'aws:CalledVia': [service],
    'aws:CalledViaFirst': service,
    'aws:CalledViaLast': service,
    'kms:ViaService': via,
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
