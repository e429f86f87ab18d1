import {
  GetRoleCommand,
  GetRolePolicyCommand,
  NoSuchEntityException,
  SimulatePrincipalPolicyCommand,
  type Statement,
} from '@aws-sdk/client-iam';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Connection } from '../target/connection.ts';
import { readResourcePolicy } from './resource-policy.ts';

export interface AccessQuestion {
  /** `train-model`, `sluice-dev-train-model` or an ARN. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly context: readonly { readonly key: string; readonly value: string }[];
}

export interface DecidingStatement {
  readonly policy: string;
  /** `role`, `user-managed`, `resource` … */
  readonly policyType: string;
  /** The statement itself; null when its policy cannot be read. */
  readonly statement: unknown;
}

export interface AccessAnswer {
  readonly roleArn: string;
  readonly allowed: boolean;
  readonly decision: string;
  readonly statements: readonly DecidingStatement[];
  /** Condition keys that a policy asks for and the question did not give. */
  readonly missingContext: readonly string[];
}

/**
 * Asks IAM whether a role may do it, by the role's policies and the resource's. `owner` is a connection to the account that owns the
 * resource. Throws Failure when there is no such role.
 */
export async function askAccess(
  connection: Connection,
  owner: Connection | undefined,
  { role, action, resource, context }: AccessQuestion,
): Promise<AccessAnswer> {
  const roleArn = await findRole(connection, role);
  const resourcePolicy = owner && (await readResourcePolicy(owner, resource));
  const { EvaluationResults: [result] = [] } = await connection.iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: roleArn,
      ActionNames: [action],
      ResourceArns: [resource],
      ContextEntries: context.map(({ key, value }) => ({
        ContextKeyName: key,
        ContextKeyValues: [value],
        ContextKeyType: 'string',
      })),
      ...(resourcePolicy === undefined
        ? {}
        : { ResourcePolicy: resourcePolicy, ResourceOwner: `arn:aws:iam::${owner?.accountId}:root` }),
    }),
  );
  const matched = result?.MatchedStatements ?? [];
  return {
    roleArn,
    allowed: result?.EvalDecision === 'allowed',
    decision: result?.EvalDecision ?? 'implicitDeny',
    statements: await Promise.all(matched.map((each) => describe(connection, roleArn, each, resourcePolicy))),
    missingContext: result?.MissingContextValues ?? [],
  };
}

async function findRole(connection: Connection, role: string): Promise<string> {
  if (role.startsWith('arn:')) return role;
  const name = role.startsWith('sluice-') ? role : `sluice-${connection.environment}-${role}`;
  try {
    const { Role } = await connection.iam.send(new GetRoleCommand({ RoleName: name }));
    return Role?.Arn ?? '';
  } catch (error) {
    if (!(error instanceof NoSuchEntityException)) throw error;
    throw new Failure(exitCodes.notFound, `There is no role ${name} in ${connection.environment}`, {
      hint: 'roles are named as their functions are: sluice-<env>-<function>',
      cause: error,
    });
  }
}

async function describe(
  { iam }: Connection,
  roleArn: string,
  { SourcePolicyId: policy = '', SourcePolicyType: type, StartPosition, EndPosition }: Statement,
  resourcePolicy: string | undefined,
): Promise<DecidingStatement> {
  const policyType = String(type);
  const isInline = policyType === 'role';
  const text =
    policyType === 'resource'
      ? JSON.stringify(JSON.parse(resourcePolicy ?? 'null'), null, 2)
      : isInline
        ? await inlinePolicy()
        : undefined;
  return { policy, policyType, statement: text === undefined ? null : cutOut(text, StartPosition, EndPosition) };

  async function inlinePolicy(): Promise<string> {
    const RoleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: policy }));
    return decodeURIComponent(PolicyDocument);
  }
}

interface Position {
  readonly Line?: number | undefined;
  readonly Column?: number | undefined;
}

/** The statement that stands between two positions of a policy's text; null where they fit no JSON. */
function cutOut(text: string, start: Position | undefined, end: Position | undefined): unknown {
  const offset = ({ Line = 1, Column = 1 }: Position = {}) =>
    text
      .split('\n')
      .slice(0, Line - 1)
      .reduce((sum, line) => sum + line.length + 1, 0) +
    Column -
    1;
  try {
    return JSON.parse(text.slice(offset(start), offset(end)));
  } catch {
    return null;
  }
}
