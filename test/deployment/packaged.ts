import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conditionEvaluator } from '../../local/deploy/conditions.ts';
import { evaluate, NO_VALUE, type Scope } from '../../local/deploy/intrinsics.ts';
import { packageDeployment, type Stage, stages } from '../../scripts/package-deployment.ts';

export { type Stage, stages };
export const root = join(import.meta.dirname, '..', '..');
/** The accounts that the packaged templates are for: the defaults of serverless.yml. */
export const accounts = { dev: '111111111111', acc: '222222222222', prd: '333333333333' } as const;

export interface Resource {
  readonly Type: string;
  // The properties of three dozen resource types: each test looks at those that it is about.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly Properties: any;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface PackagedTemplate {
  readonly stage: Stage;
  /** As packaged. */
  readonly raw: Readonly<Record<string, Resource>>;
  /**
   * The resources to be made in this stage's account, with every intrinsic function evaluated. What is known only after the deployment stands
   * as `<LogicalId>` and `<LogicalId.Attribute>`.
   */
  readonly resources: Readonly<Record<string, Resource>>;
}

/** The three packaged deployments, made now if they are not there. */
export async function packagedTemplates(): Promise<Readonly<Record<Stage, PackagedTemplate>>> {
  const packaged = await packageDeployment(root, stages);
  const templates = packaged.stages.map(({ stage, directory }) => [stage, resolveTemplate(stage, directory)] as const);
  return Object.fromEntries(templates) as Record<Stage, PackagedTemplate>;
}

function resolveTemplate(stage: Stage, directory: string): PackagedTemplate {
  const file = join(directory, 'cloudformation-template-update-stack.json');
  const document = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources: Record<string, Resource>;
    Conditions: Record<string, unknown>;
  };
  const pseudo: Record<string, unknown> = {
    'AWS::AccountId': accounts[stage],
    'AWS::Region': 'eu-west-1',
    'AWS::Partition': 'aws',
    'AWS::NoValue': NO_VALUE,
  };
  const ref = (name: string) => (Object.hasOwn(pseudo, name) ? pseudo[name] : `<${name}>`);
  const findInMap = () => {
    throw new Error('the template has no mappings');
  };
  const condition = conditionEvaluator(document.Conditions, { ref, findInMap });
  const scope: Scope = { ref, findInMap, condition, getAtt: (logicalId, attribute) => `<${logicalId}.${attribute}>` };
  const there = Object.entries(document.Resources).filter(([, { Condition }]) => !Condition || condition(Condition));
  return {
    stage,
    raw: document.Resources,
    resources: Object.fromEntries(there.map(([id, each]) => [id, evaluate(each, scope) as Resource])),
  };
}

export const ofType = (template: PackagedTemplate, type: string): [string, Resource][] =>
  Object.entries(template.resources).filter(([, resource]) => resource.Type === type);

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Every policy statement of a template, with the resource that it stands in: roles, keys, buckets, queues, buses. */
export function policyStatements(
  template: PackagedTemplate,
): { logicalId: string; type: string; statement: Statement }[] {
  return Object.entries(template.resources).flatMap(([logicalId, { Type: type, Properties }]) => {
    const documents: { Statement: Statement | Statement[] }[] = [
      Properties.AssumeRolePolicyDocument,
      Properties.PolicyDocument,
      Properties.KeyPolicy,
      ...(Properties.Policies ?? []).map((policy: { PolicyDocument: unknown }) => policy.PolicyDocument),
      type === 'AWS::Events::EventBusPolicy' ? { Statement: Properties.Statement } : undefined,
    ].filter(Boolean);
    return documents.flatMap(({ Statement }) => asList(Statement)).map((statement) => ({ logicalId, type, statement }));
  });
}

export const asList = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** `snapshot-dataset`, `on-data-arrived`: the folders of functions/ that hold a function. */
export const functionFolders = (): string[] =>
  readdirSync(join(root, 'functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .map((entry) => entry.name)
    .sort();

/** `sluice-dev-snapshot-dataset` → `snapshot-dataset` */
export const withoutPrefix = (stage: Stage, name: string): string => name.replace(`sluice-${stage}-`, '');
