import type { Clock } from '../clock.ts';
import type { Call, JsonObject, Log, Principal } from '../service.ts';
import { denialReason } from './access-denied.ts';
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

/** A decision against the call. */
export interface AccessRefusal extends Omit<AccessDecision, 'judgement' | 'context'> {
  readonly judgement: Extract<Judgement, { allowed: false }>;
}

/** What the judging of calls needs of the runtime. */
export interface Access {
  nowMs(): number;
  policiesOf(principal: Principal): IdentityPolicies;
  decided(decision: AccessDecision): void;
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
    decided(decision) {
      const { call, action, resourceArn, judgement } = decision;
      if (!judgement.allowed) {
        logRefusal(log, { call, action, resourceArn, judgement });
        keepRefusal?.({ call, action, resourceArn, judgement });
      }
      observe?.(decision);
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
  requireKeyUse: () => undefined,
};

function logRefusal(log: Log, refusal: AccessRefusal): void {
  const { call, action, resourceArn, judgement } = refusal;
  const { principal, accountId, requestId } = call;
  const [service = '', eventName = ''] = action.split(':');
  log(
    'warn',
    `Access denied: ${principal.arn} may not ${action} on ${resourceArn}, ${denialReason(judgement, action)}`,
    {
      eventSource: `${service}.amazonaws.com`,
      eventName,
      eventType: 'AccessDenied',
      requestId,
      recipientAccountId: accountId,
      principal: principal.arn,
      ...(principal.roleArn === undefined ? {} : { roleArn: principal.roleArn }),
      ...(principal.sourceArn === undefined ? {} : { sourceArn: principal.sourceArn }),
      resource: resourceArn,
      ...remedy(refusal),
    },
  );
}

/** What to look at: the statement that denied, or the one that is missing. */
export const remedy = ({ call, action, resourceArn, judgement }: AccessRefusal): JsonObject => ({
  ...(judgement.reason === 'explicit-deny'
    ? { deniedBy: { policy: judgement.by.policyName, statement: judgement.by.statement } }
    : {
        missing: {
          in: judgement.kind,
          statement: {
            Effect: 'Allow',
            ...(judgement.kind === 'resource-based policy' ? { Principal: grantee(call.principal) } : {}),
            Action: action,
            Resource: resourceArn,
          },
        },
      }),
  ...(judgement.unknownKeys.length > 0 ? { unknownConditionKeys: judgement.unknownKeys } : {}),
});

const grantee = (principal: Principal): object =>
  principal.kind === 'service' ? { Service: principal.arn } : { AWS: principal.roleArn ?? principal.arn };
