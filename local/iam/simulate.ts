import { parseArn } from '../arn.ts';
import { AwsError, notImplemented } from '../aws-error.ts';
import { takeOnly } from '../operation-input.ts';
import type { Call, JsonObject, Principal } from '../service.ts';
import { isKnownConditionKey } from './condition-keys.ts';
import { globalContext } from './global-context.ts';
import type { IdentityPolicies } from './identity.ts';
import { type DecidingStatement, type Judgement, judge } from './judge.ts';
import type { PolicyDocument } from './policy.ts';
import { readPolicyDocument } from './policy-document.ts';
import { statementPosition } from './policy-text.ts';
import { RequestContext } from './request-context.ts';

const MEMBERS = ['PolicySourceArn', 'ActionNames', 'ResourceArns', 'ContextEntries', 'ResourcePolicy', 'ResourceOwner'];

/**
 * What a role may do, asked without doing it. The resource's policy has a say only if the request brings it, as on AWS; what the
 * request's `ContextEntries` do not say and a condition asks for is reported as missing.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export function simulatePrincipalPolicy(input: JsonObject, call: Call): JsonObject {
  takeOnly('SimulatePrincipalPolicy', input, [...MEMBERS, 'MaxItems', 'Marker', 'CallerArn']);
  for (const name of ['Marker', 'CallerArn']) {
    if (input[name] !== undefined) throw notImplemented(`SimulatePrincipalPolicy with ${name}`);
  }
  const principal = simulatedPrincipal(String(input.PolicySourceArn ?? ''));
  const identity = call.access?.policiesOf(principal);
  if (!identity || (principal.kind === 'assumed-role' && identity.trust === undefined)) {
    const name = String(input.PolicySourceArn).replace(/^.*\//, '');
    throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
  }
  const actions = texts(input.ActionNames, 'ActionNames');
  if (actions.length === 0)
    throw invalid(
      "1 validation error detected: Value null at 'actionNames' failed to satisfy constraint: Member must not be null",
    );
  const resources = texts(input.ResourceArns ?? ['*'], 'ResourceArns');
  const resourcePolicy =
    input.ResourcePolicy === undefined ? undefined : readPolicyDocument(String(input.ResourcePolicy), 'ResourcePolicy');
  const question: Question = {
    call,
    principal,
    identity,
    resourcePolicy,
    given: readContext(input.ContextEntries),
    input,
  };
  return {
    EvaluationResults: actions.flatMap((action) => resources.map((resource) => evaluate(question, action, resource))),
    IsTruncated: false,
  };
}

interface Question {
  readonly call: Call;
  readonly principal: Principal;
  readonly identity: IdentityPolicies;
  readonly resourcePolicy: PolicyDocument | undefined;
  readonly given: Readonly<Record<string, readonly string[]>>;
  readonly input: JsonObject;
}

function evaluate(question: Question, action: string, resourceArn: string): JsonObject {
  const { call, principal, identity, resourcePolicy, given, input } = question;
  if (!/^[\w-]+:[\w*?]+$/.test(action))
    throw invalid(`Invalid Entity Action: ${action} is no action such as s3:GetObject.`);
  const accountId =
    parseArn(String(input.ResourceOwner ?? ''))?.accountId || parseArn(resourceArn)?.accountId || principal.accountId;
  const asked = new Set<string>();
  const context = new RequestContext(
    () => ({
      ...globalContext({ ...call, principal, accountId, origin: undefined }, call.access?.nowMs() ?? 0, identity.tags),
      ...single(given),
    }),
    (key) => {
      asked.add(key);
      return isKnownConditionKey(key, action);
    },
  );
  const judgement = judge({
    principal,
    accountId: resourcePolicy === undefined ? principal.accountId : accountId,
    identity,
    resourcePolicy: resourcePolicy ?? leftToIdentity(principal.accountId),
    request: { action, resourceArn, context },
  });
  const deciding = (
    judgement.allowed ? judgement.by : judgement.reason === 'explicit-deny' ? [judgement.by] : []
  ).filter(({ kind }) => kind !== 'resource-based policy' || resourcePolicy !== undefined);
  return {
    EvalActionName: action,
    EvalResourceName: resourceArn,
    EvalDecision: judgement.allowed
      ? 'allowed'
      : judgement.reason === 'explicit-deny'
        ? 'explicitDeny'
        : 'implicitDeny',
    MatchedStatements: deciding.map((each) => matchedStatement(each, question)),
    MissingContextValues: [...asked],
    ...(identity.boundary
      ? { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: isWithinBoundary(judgement) } }
      : {}),
  };
}

/** Without the resource's policy, what it may say is left to the identity. */
const leftToIdentity = (accountId: string): PolicyDocument => ({
  Statement: { Effect: 'Allow', Principal: { AWS: accountId }, Action: '*', Resource: '*' },
});

const isWithinBoundary = (judgement: Judgement): boolean =>
  judgement.allowed || judgement.kind !== 'permissions boundary';

function matchedStatement({ kind, policyName, index }: DecidingStatement, question: Question): JsonObject {
  const { identity, resourcePolicy } = question;
  const { policies, boundary } = identity;
  const isResource = kind === 'resource-based policy';
  const document = isResource
    ? resourcePolicy
    : kind === 'permissions boundary'
      ? boundary?.document
      : policies.find(({ name }) => name === policyName)?.document;
  const { start, end } = statementPosition(document as PolicyDocument, index);
  return {
    SourcePolicyId: policyName,
    SourcePolicyType: isResource ? 'resource' : sourceType(policyName),
    StartPosition: start,
    EndPosition: end,
  };
}

function sourceType(policyName: string): string {
  if (policyName.startsWith('arn:aws:iam::aws:')) return 'aws-managed';
  return policyName.startsWith('arn:') ? 'user-managed' : 'role';
}

function simulatedPrincipal(arn: string): Principal {
  const { accountId = '', resource = '' } = parseArn(arn) ?? {};
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  if (resource.startsWith('user/')) return { kind: 'user', accountId, arn, userId: name };
  if (!resource.startsWith('role/')) throw invalid(`Invalid Entity Arn: ${arn} should be a role or a user.`);
  const session = `arn:aws:sts::${accountId}:assumed-role/${name}/simulation`;
  return { kind: 'assumed-role', accountId, arn: session, roleArn: arn, userId: `${name}:simulation` };
}

function readContext(value: unknown): Readonly<Record<string, readonly string[]>> {
  if (value === undefined || value === '') return {};
  if (!Array.isArray(value)) throw invalid('ContextEntries must be a list.');
  return Object.fromEntries(
    value.map((entry: JsonObject) => [String(entry.ContextKeyName), texts(entry.ContextKeyValues, 'ContextKeyValues')]),
  );
}

/** A key that is given one value has one; policy variables have no other. */
const single = (given: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(
    Object.entries(given).map(([key, values]) => [key, values.length === 1 ? (values[0] as string) : values]),
  );

function texts(value: unknown, name: string): readonly string[] {
  if (value === undefined || value === '') return [];
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  throw invalid(`${name} must be a list of strings.`);
}

const invalid = (message: string): AwsError => new AwsError('InvalidInput', message);
