import { parseArn } from '../arn.ts';
import type { AwsError } from '../aws-error.ts';
import type { Call } from '../service.ts';
import { administratorsOnly } from './access.ts';
import { accessDenied } from './access-denied.ts';
import { isKnownConditionKey } from './condition-keys.ts';
import { globalContext } from './global-context.ts';
import { type Judgement, judge } from './judge.ts';
import type { PolicyDocument } from './policy.ts';
import { remedyOf } from './remedy.ts';
import { type ContextValues, RequestContext } from './request-context.ts';
import { requireServiceRole } from './service-role.ts';

export type { PolicyDocument, PolicyStatement } from './policy.ts';

export interface AuthorizeRequest {
  readonly call: Call;
  /** `kms:Decrypt` */
  readonly action: string;
  readonly resourceArn: string;
  /** The policy on the resource that is addressed, if it has one. */
  readonly resourcePolicy?: PolicyDocument | undefined;
  /** Condition keys of this request beside the global ones about the caller, e.g. `s3:prefix`, `aws:SourceArn`. */
  readonly context?: ContextValues;
}

/** Returns if the call may be made; otherwise throws AWS's own refusal (`accessDenied`). Every decision is told to the runtime. */
export function authorize(request: AuthorizeRequest): void {
  requireTakenRole(request.call);
  const refusal = ask(request);
  if (refusal) throw refusal;
}

/** A service that acts in a role must be let into it first. */
function requireTakenRole(call: Call): void {
  const { takenBy: service, roleArn, accountId, sourceArn } = call.principal;
  if (service === undefined || roleArn === undefined) return;
  const identity = (call.access ?? administratorsOnly).policiesOf(call.principal);
  requireServiceRole({ call: { ...call, accountId }, service, roleArn, sourceArn, trust: identity.trust });
}

/** As `authorize`, for who says a refusal in words of its own, or goes on without: it is told, nothing is thrown. */
export const isAuthorized = (request: AuthorizeRequest): boolean => ask(request) === undefined;

/** Whether a caller may know what an answer can also leave out. No call is refused by it, so no refusal is told. */
export const mayKnow = (request: AuthorizeRequest): boolean => decide(request).allowed;

/** The refusal, which is told to the runtime. */
function ask(request: AuthorizeRequest): AwsError | undefined {
  const judgement = decide(request);
  if (judgement.allowed) return undefined;
  const { call, action, resourceArn } = request;
  const denial = { principal: call.principal, action, resourceArn, judgement };
  const error = accessDenied(denial, judgement);
  (call.access ?? administratorsOnly).refused({ call, action, resourceArn, error, remedy: remedyOf(denial) });
  return error;
}

function decide(request: AuthorizeRequest): Judgement {
  const { call, action, resourceArn, resourcePolicy } = request;
  const access = call.access ?? administratorsOnly;
  const identity = access.policiesOf(call.principal);
  const context = new RequestContext(
    () => ({ ...globalContext(call, access.nowMs(), identity.tags), ...request.context }),
    (key) => isKnownConditionKey(key, action),
  );
  const judgement = judge({
    principal: call.principal,
    accountId: call.accountId,
    identity,
    resourcePolicy,
    request: { action, resourceArn, context },
  });
  access.decided({ call, action, resourceArn, judgement, context });
  return judgement;
}

/** The account that owns the resource, where its ARN says so. */
export const accountOfArn = (arn: string): string | undefined => parseArn(arn)?.accountId || undefined;
