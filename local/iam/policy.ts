import { type CompiledConditions, type ConditionBlock, compileConditions } from './condition.ts';
import { type GrantedBy, matchPrincipal, type PolicyPrincipal, type PrincipalIdentity } from './policy-principal.ts';
import { type PolicyText, readPolicyText } from './policy-variables.ts';
import type { RequestContext } from './request-context.ts';
import { compileWildcard } from './wildcard.ts';

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

/** A statement and where in its policy it stands, from 0. */
export interface PlacedStatement {
  readonly statement: PolicyStatement;
  readonly index: number;
}

/** What one policy says about one request, and the statement that said it. */
export type PolicyDecision =
  | ({ readonly effect: 'allow'; readonly grantedBy: GrantedBy } & PlacedStatement)
  | ({ readonly effect: 'explicit-deny' } & PlacedStatement & Unjudged)
  | ({ readonly effect: 'implicit-deny' } & Unjudged);

interface Unjudged {
  /** Condition keys that are not known here and for which a statement allowed nothing, or denied. */
  readonly unknownKeys?: readonly string[];
}

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
    statement.Principal === undefined ? undefined : matchPrincipal(statement.Principal, principal, statement.Effect),
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
  const action = request.action.toLowerCase();
  const unknownKeys: string[] = [];
  let allow: Extract<PolicyDecision, { effect: 'allow' }> | undefined;
  for (const { statement, index, matchesAction, matchesResource, conditions } of compiled(policy)) {
    if (!matchesAction(action) || !matchesResource(request)) continue;
    const grantedBy = appliesTo(statement);
    if (grantedBy === undefined) continue;
    const verdict = conditions(request.context);
    if (verdict === 'fails') continue;
    const isUnknown = verdict !== 'holds';
    if (statement.Effect === 'Deny') {
      return { effect: 'explicit-deny', statement, index, ...(isUnknown ? { unknownKeys: verdict.unknownKeys } : {}) };
    }
    if (isUnknown) unknownKeys.push(...verdict.unknownKeys);
    // A grant to the caller itself says more than one to its account, wherever it stands in the policy.
    else if (!allow || rank(grantedBy) > rank(allow.grantedBy))
      allow = { effect: 'allow', grantedBy, statement, index };
  }
  return allow ?? { effect: 'implicit-deny', ...(unknownKeys.length > 0 ? { unknownKeys } : {}) };
}

const RANK: Readonly<Record<GrantedBy, number>> = { account: 0, principal: 1, session: 2 };
const rank = (grantedBy: GrantedBy): number => RANK[grantedBy];

interface CompiledStatement extends PlacedStatement {
  /** The action is in lower case. */
  readonly matchesAction: (action: string) => boolean;
  readonly matchesResource: (request: PolicyRequest) => boolean;
  readonly conditions: CompiledConditions;
}

/** Policies are read once for all the requests that they judge. */
const COMPILED = new WeakMap<PolicyDocument, readonly CompiledStatement[]>();

function compiled(policy: PolicyDocument): readonly CompiledStatement[] {
  const known = COMPILED.get(policy);
  if (known) return known;
  const hasVariables = policy.Version === '2012-10-17';
  const statements = asList(policy.Statement).map((statement, index) =>
    compileStatement(statement, index, hasVariables),
  );
  COMPILED.set(policy, statements);
  return statements;
}

/** Each part is compiled when it is first asked for: of a policy that is read for one request, most never is. */
function compileStatement(statement: PolicyStatement, index: number, hasVariables: boolean): CompiledStatement {
  const conditions = lazy(() => compileConditions(statement.Condition ?? {}, hasVariables));
  const action = lazy(() => compileActions(statement));
  const resource = lazy(() => compileResources(statement, hasVariables));
  return {
    statement,
    index,
    matchesAction: (name) => action()(name),
    matchesResource: (request) => resource()(request),
    conditions: statement.Condition === undefined ? () => 'holds' : (context) => conditions()(context),
  };
}

function compileActions({ Action, NotAction }: PolicyStatement): (action: string) => boolean {
  const patterns = asList(NotAction ?? Action).map((pattern) => pattern.toLowerCase());
  const exact = new Set(patterns);
  const wild = patterns.filter((pattern) => /[*?]/.test(pattern)).map(compileWildcard);
  const matches = (action: string) => exact.has(action) || wild.some((matchesOne) => matchesOne(action));
  return NotAction === undefined ? matches : (action) => !matches(action);
}

function compileResources(statement: PolicyStatement, hasVariables: boolean): (request: PolicyRequest) => boolean {
  const { Resource, NotResource } = statement;
  // A role's trust policy has no Resource: it is about the role that carries it.
  if (Resource === undefined && NotResource === undefined) return () => true;
  const patterns: readonly PolicyText[] = asList(NotResource ?? Resource).map((each) =>
    readPolicyText(each, hasVariables),
  );
  const isDeny = statement.Effect === 'Deny';
  if (NotResource === undefined) {
    // A Deny whose variable nobody here can judge is taken to be about this resource.
    return ({ resourceArn, context }) =>
      patterns.some(
        (pattern) =>
          pattern.matches(resourceArn, context) || (isDeny && pattern.variables.some((name) => !context.knows(name))),
      );
  }
  // "Everything but" a place that this request does not name: nothing is given, and what is forbidden stays forbidden.
  return ({ resourceArn, context }) =>
    patterns.some((pattern) => pattern.resolve(context) === undefined)
      ? isDeny
      : !patterns.some((pattern) => pattern.matches(resourceArn, context));
}

function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
