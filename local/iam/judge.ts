import type { Principal } from '../service.ts';
import type { IdentityPolicies, NamedPolicy } from './identity.ts';
import {
  evaluateIdentityPolicy,
  evaluateResourcePolicy,
  type PolicyDecision,
  type PolicyDocument,
  type PolicyRequest,
  type PolicyStatement,
} from './policy.ts';

/** The kinds of policy that have a say, in AWS's words for them. */
export type PolicyKind = 'identity-based policy' | 'permissions boundary' | 'session policy' | 'resource-based policy';

/** A statement that decided, and where it stands. */
export interface DecidingStatement {
  readonly kind: PolicyKind;
  readonly policyName: string;
  /** From 0. */
  readonly index: number;
  readonly statement: PolicyStatement;
}

export type Judgement =
  | { readonly allowed: true; readonly by: readonly DecidingStatement[] }
  | {
      readonly allowed: false;
      readonly reason: 'explicit-deny';
      readonly kind: PolicyKind;
      readonly by: DecidingStatement;
      readonly unknownKeys: readonly string[];
    }
  | {
      readonly allowed: false;
      readonly reason: 'implicit-deny';
      /** The kind of policy in which the permission is missing. */
      readonly kind: PolicyKind;
      readonly unknownKeys: readonly string[];
    };

export interface Case {
  readonly principal: Principal;
  /** Of the resource's owner. */
  readonly accountId: string;
  readonly identity: IdentityPolicies;
  readonly resourcePolicy: PolicyDocument | undefined;
  readonly request: PolicyRequest;
}

/**
 * Judges one request by every policy that has a say: an explicit Deny anywhere ends it; then the resource's policy and the
 * identity's must allow it, the one, the other or both, as the accounts and the kind of resource want it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function judge({ principal, accountId, identity, resourcePolicy, request }: Case): Judgement {
  const byResource = judgeResource(resourcePolicy, principal, request);
  if (byResource.effect === 'explicit-deny') return denied(byResource);
  // A service, and a request that nobody signed, has no policies of its own: only the resource can let it in.
  if (isOutsider(principal)) {
    return byResource.effect === 'allow' ? allowed(byResource) : missing('resource-based policy', byResource);
  }

  const byIdentity = judgeAll('identity-based policy', identity.policies, request);
  if (byIdentity.effect === 'explicit-deny') return denied(byIdentity);
  const byBoundary = identity.boundary && judgeAll('permissions boundary', [identity.boundary], request);
  if (byBoundary?.effect === 'explicit-deny') return denied(byBoundary);
  const bySession = principal.session?.policies && judgeAll('session policy', principal.session.policies, request);
  if (bySession?.effect === 'explicit-deny') return denied(bySession);

  const isCrossAccount = accountId !== principal.accountId;
  if (byResource.effect !== 'allow' && (isCrossAccount || resourceMustAllow(request.action))) {
    return missing('resource-based policy', byResource);
  }
  const granted = byResource.effect === 'allow' && !isCrossAccount ? byResource.grantedBy : undefined;
  // A grant to the very session is limited by nothing but a Deny.
  if (granted === 'session') return allowed(byResource);

  const identityAllows = byIdentity.effect === 'allow' && (byBoundary === undefined || byBoundary.effect === 'allow');
  if (granted !== 'principal' || (byBoundary !== undefined && byBoundary.effect !== 'allow')) {
    if (byIdentity.effect !== 'allow') return missing('identity-based policy', byIdentity);
    if (byBoundary && !identityAllows) return missing('permissions boundary', byBoundary);
  }
  if (bySession && bySession.effect !== 'allow') return missing('session policy', bySession);
  return allowed(byResource, byIdentity, byBoundary, bySession);
}

type Judged = PolicyDecision & { readonly kind: PolicyKind; readonly policyName: string };

function judgeResource(policy: PolicyDocument | undefined, principal: Principal, request: PolicyRequest): Judged {
  const decision: PolicyDecision = policy
    ? evaluateResourcePolicy(policy, principal, request)
    : { effect: 'implicit-deny' };
  return { ...decision, kind: 'resource-based policy', policyName: request.resourceArn };
}

/** Several policies of one kind speak as one. */
function judgeAll(kind: PolicyKind, policies: readonly NamedPolicy[], request: PolicyRequest): Judged {
  let allow: Judged | undefined;
  const unknownKeys: string[] = [];
  for (const { name, document } of policies) {
    const decision = evaluateIdentityPolicy(document, request);
    if (decision.effect === 'explicit-deny') return { ...decision, kind, policyName: name };
    if (decision.effect === 'allow') allow ??= { ...decision, kind, policyName: name };
    else unknownKeys.push(...(decision.unknownKeys ?? []));
  }
  return allow ?? { effect: 'implicit-deny', kind, policyName: '', ...(unknownKeys.length > 0 ? { unknownKeys } : {}) };
}

/**
 * Keys and roles are closed to their own account too until their policy opens them.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 */
const resourceMustAllow = (action: string): boolean => action.startsWith('kms:') || OF_TRUST.has(action);
const OF_TRUST = new Set(['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession']);

const isOutsider = ({ kind, accountId }: Principal): boolean => kind === 'service' || !/^\d{12}$/.test(accountId);

const allowed = (...judged: readonly (Judged | undefined)[]): Judgement => ({
  allowed: true,
  by: judged.flatMap((each) => (each?.effect === 'allow' ? [deciding(each)] : [])),
});

const denied = (judged: Extract<Judged, { effect: 'explicit-deny' }>): Judgement => ({
  allowed: false,
  reason: 'explicit-deny',
  kind: judged.kind,
  by: deciding(judged),
  unknownKeys: judged.unknownKeys ?? [],
});

const missing = (kind: PolicyKind, judged: Judged): Judgement => ({
  allowed: false,
  reason: 'implicit-deny',
  kind,
  unknownKeys: judged.effect === 'allow' ? [] : (judged.unknownKeys ?? []),
});

const deciding = ({ kind, policyName, index, statement }: Exclude<Judged, { effect: 'implicit-deny' }>) => ({
  kind,
  policyName,
  index,
  statement,
});
