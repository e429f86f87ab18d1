import { type ConditionBlock, conditionsHold, type RequestContext, substitute } from './condition.ts';
import { type GrantedBy, matchPrincipal, type PolicyPrincipal, type PrincipalIdentity } from './policy-principal.ts';
import { matchesWildcard } from './wildcard.ts';

type OneOrMany<T> = T | readonly T[];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PolicyPrincipal;
  readonly NotPrincipal?: PolicyPrincipal;
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  readonly Condition?: ConditionBlock;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: OneOrMany<PolicyStatement>;
}

export interface PolicyRequest {
  readonly action: string;
  readonly resourceArn: string;
  readonly context: RequestContext;
}

/** What one policy says about one request, and the statement that said it. */
export type PolicyDecision =
  | { readonly effect: 'allow'; readonly grantedBy: GrantedBy; readonly statement: PolicyStatement }
  | { readonly effect: 'explicit-deny'; readonly statement: PolicyStatement }
  | { readonly effect: 'implicit-deny' };

export const asList = <T>(value: OneOrMany<T> | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

/**
 * Judges a policy attached to a resource: each statement names its principals.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluateResourcePolicy(
  policy: PolicyDocument,
  principal: PrincipalIdentity,
  request: PolicyRequest,
): PolicyDecision {
  return decide(policy, request, (statement) =>
    statement.Principal === undefined ? undefined : matchPrincipal(statement.Principal, principal),
  );
}

/** Judges a policy attached to an identity: who is given by the attachment, not by the statement. */
export function evaluateIdentityPolicy(policy: PolicyDocument, request: PolicyRequest): PolicyDecision {
  return decide(policy, request, () => 'principal');
}

function decide(
  policy: PolicyDocument,
  request: PolicyRequest,
  appliesTo: (statement: PolicyStatement) => GrantedBy | undefined,
): PolicyDecision {
  let allow: Extract<PolicyDecision, { effect: 'allow' }> | undefined;
  for (const statement of asList(policy.Statement)) {
    const grantedBy = appliesTo(statement);
    if (grantedBy === undefined || !statementMatches(statement, request)) continue;
    if (statement.Effect === 'Deny') return { effect: 'explicit-deny', statement };
    // A grant to the caller itself says more than one to its account, wherever it stands in the policy.
    if (!allow || grantedBy === 'principal') allow = { effect: 'allow', grantedBy, statement };
  }
  return allow ?? { effect: 'implicit-deny' };
}

function statementMatches(statement: PolicyStatement, request: PolicyRequest): boolean {
  return (
    actionMatches(statement, request.action) &&
    resourceMatches(statement, request) &&
    conditionMatches(statement, request)
  );
}

function actionMatches(statement: PolicyStatement, action: string): boolean {
  const wanted = action.toLowerCase();
  const matches = (pattern: string) => matchesWildcard(pattern.toLowerCase(), wanted);
  if (statement.NotAction !== undefined) return !asList(statement.NotAction).some(matches);
  return asList(statement.Action).some(matches);
}

function resourceMatches(statement: PolicyStatement, request: PolicyRequest): boolean {
  const matches = (pattern: string) => {
    const resolved = substitute(pattern, request.context);
    return resolved !== undefined && matchesWildcard(resolved, request.resourceArn);
  };
  if (statement.NotResource !== undefined) return !asList(statement.NotResource).some(matches);
  // A role's trust policy has no Resource: it is about the role that carries it.
  if (statement.Resource === undefined) return true;
  return asList(statement.Resource).some(matches);
}

function conditionMatches(statement: PolicyStatement, request: PolicyRequest): boolean {
  return statement.Condition === undefined || conditionsHold(statement.Condition, request.context);
}
