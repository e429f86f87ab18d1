import type { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Call, JsonObject, Log, Principal } from '../service.ts';
import { type IdentityPolicies, policiesOf } from './identity.ts';
import type { Judgement } from './judge.ts';
import type { RequestContext } from './request-context.ts';

/** One question that was asked of the policies, and the answer. */
export interface AccessDecision {
  readonly call: Call;
  readonly action: string;
  readonly resourceArn: string;
  readonly judgement: Judgement;
  readonly context: RequestContext;
}

/** A call, or a part of one, that is not done. */
export interface AccessRefusal extends Omit<AccessDecision, 'judgement' | 'context'> {
  /** As AWS says it to a caller. */
  readonly error: AwsError;
  /** What nobody tells the caller: the statement that denied, or the one that is missing. */
  readonly remedy: JsonObject;
}

/** What the judging of calls needs of the runtime. */
export interface Access {
  nowMs(): number;
  policiesOf(principal: Principal): IdentityPolicies;
  decided(decision: AccessDecision): void;
  refused(refusal: AccessRefusal): void;
  /** Asks the KMS of the key's account on behalf of a service. Throws NotFoundException, AccessDeniedException. */
  requireKeyUse(call: Call, keyArn: string, operation: string, encryptionContext: EncryptionContext): void;
}

type EncryptionContext = Readonly<Record<string, string>>;

export interface AccessDependencies {
  readonly clock: Clock;
  readonly log: Log;
  /** The policies of a role of any account of the runtime. */
  readonly roleIdentity: (roleArn: string) => IdentityPolicies | undefined;
  readonly requireKeyUse: Access['requireKeyUse'];
  /** Keeps each refusal where an auditor finds it. */
  readonly keepRefusal?: (refusal: AccessRefusal) => void;
  /** Hears of every decision, for those who want to know what a deployment really asks for. */
  readonly observe?: ((decision: AccessDecision) => void) | undefined;
}

/** The judging of one runtime: every refusal is one line of the local log. */
export function createAccess({
  clock,
  log,
  roleIdentity,
  requireKeyUse,
  keepRefusal,
  observe,
}: AccessDependencies): Access {
  return {
    nowMs: () => clock.now(),
    policiesOf: (principal) => policiesOf(principal, roleIdentity),
    decided: (decision) => observe?.(decision),
    refused(refusal) {
      logRefusal(log, refusal);
      keepRefusal?.(refusal);
    },
    requireKeyUse,
  };
}

/**
 * Of a call that no runtime stands behind: only administrators of the own account are let in, and whom a resource's policy
 * names.
 */
export const administratorsOnly: Access = {
  nowMs: () => Date.now(),
  policiesOf: (principal) => policiesOf(principal, () => undefined),
  decided: () => undefined,
  refused: () => undefined,
  requireKeyUse: () => undefined,
};

function logRefusal(log: Log, { call, action, resourceArn, error, remedy }: AccessRefusal): void {
  const { principal, accountId, requestId } = call;
  const [service = '', eventName = ''] = action.split(':');
  log('warn', `Access denied: ${error.message}`, {
    eventSource: `${service}.amazonaws.com`,
    eventName,
    eventType: 'AccessDenied',
    requestId,
    recipientAccountId: accountId,
    principal: principal.arn,
    ...(principal.roleArn === undefined ? {} : { roleArn: principal.roleArn }),
    ...(principal.sourceArn === undefined ? {} : { sourceArn: principal.sourceArn }),
    resource: resourceArn,
    ...remedy,
  });
}
