import { parseArn } from '../../local/arn.ts';
import { isKnownConditionKey } from '../../local/iam/condition-keys.ts';
import { globalContext } from '../../local/iam/global-context.ts';
import { type Judgement, judge } from '../../local/iam/judge.ts';
import type { PolicyDocument, PolicyStatement } from '../../local/iam/policy.ts';
import { RequestContext } from '../../local/iam/request-context.ts';
import type { Principal } from '../../local/service.ts';
import { accounts, asList, type PackagedTemplate, type Resource, type Stage, stages } from './packaged.ts';

const REGION = 'eu-west-1';

/** A policy of a packaged template, and what it is attached to. */
export interface AttachedPolicy {
  readonly stage: Stage;
  readonly logicalId: string;
  /** `identity` speaks for the role `arn`; `resource` for whoever comes to `arn`. */
  readonly kind: 'identity' | 'resource';
  readonly arn: string;
  readonly statements: readonly PolicyStatement[];
}

/** Who asks for what, in whose environment. */
export interface AccessRequest {
  readonly stage: Stage;
  /** `train-model`: a role of the environment; `events.amazonaws.com`: a service that works there. */
  readonly who: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

/** All policies of the three deployments, with the names that the resources get. */
export const attachedPolicies = (templates: Readonly<Record<Stage, PackagedTemplate>>): readonly AttachedPolicy[] =>
  stages.flatMap((stage) => policiesOf(templates[stage]));

function policiesOf({ stage, resources }: PackagedTemplate): AttachedPolicy[] {
  const arns = arnsOf(stage, resources);
  const named = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replace(
        /<(\w+)(\.\w+)?>/g,
        (whole, id, attribute = '') => arns.get(id + attribute) ?? whole,
      ),
    ) as T;
  const attached = (
    logicalId: string,
    kind: AttachedPolicy['kind'],
    arn: string,
    statements: unknown,
  ): AttachedPolicy => ({
    stage,
    logicalId,
    kind,
    arn: named(arn),
    statements: asList(named(statements) as PolicyStatement | PolicyStatement[]),
  });
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    switch (Type) {
      case 'AWS::IAM::Role': {
        const arn = `arn:aws:iam::${accounts[stage]}:role/${Properties.RoleName}`;
        return [
          attached(id, 'resource', arn, Properties.AssumeRolePolicyDocument.Statement),
          ...Properties.Policies.map(({ PolicyDocument }: { PolicyDocument: PolicyDocument }) =>
            attached(id, 'identity', arn, PolicyDocument.Statement),
          ),
        ];
      }
      case 'AWS::KMS::Key':
        return [attached(id, 'resource', `<${id}.Arn>`, Properties.KeyPolicy.Statement)];
      case 'AWS::S3::BucketPolicy':
        return [
          attached(id, 'resource', `${Properties.Bucket.replace('>', '.Arn>')}`, Properties.PolicyDocument.Statement),
        ];
      case 'AWS::SQS::QueuePolicy':
        return Properties.Queues.map((queue: string) =>
          attached(id, 'resource', queue.replace('>', '.Arn>'), Properties.PolicyDocument.Statement),
        );
      case 'AWS::Events::EventBusPolicy':
        return [attached(id, 'resource', '<Bus.Arn>', Properties.Statement)];
      case 'AWS::Lambda::Permission':
        return [attached(id, 'resource', Properties.FunctionName, permissionStatement(Properties))];
      default:
        return [];
    }
  });
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
const permissionStatement = (properties: Resource['Properties']): PolicyStatement => ({
  Effect: 'Allow',
  Principal: { Service: properties.Principal },
  Action: properties.Action,
  Resource: properties.FunctionName,
  ...(properties.SourceArn ? { Condition: { ArnLike: { 'aws:SourceArn': properties.SourceArn } } } : {}),
});

/** What `Ref` and `GetAtt` give after the deployment. Keys have made-up ids, named for what they do. */
function arnsOf(stage: Stage, resources: PackagedTemplate['resources']): ReadonlyMap<string, string> {
  const own = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${accounts[stage]}:${resource}`;
  const arns = new Map<string, string>();
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    switch (Type) {
      case 'AWS::S3::Bucket':
        arns.set(id, Properties.BucketName ?? id).set(`${id}.Arn`, `arn:aws:s3:::${Properties.BucketName ?? id}`);
        break;
      case 'AWS::DynamoDB::Table':
        arns.set(`${id}.Arn`, own('dynamodb', `table/${Properties.TableName}`));
        arns.set(`${id}.StreamArn`, own('dynamodb', `table/${Properties.TableName}/stream/<label>`));
        break;
      case 'AWS::KMS::Key':
        arns.set(`${id}.Arn`, own('kms', `key/<${id.replace('Key', '').toLowerCase()}>`));
        break;
      case 'AWS::Events::EventBus':
        arns.set(id, Properties.Name).set(`${id}.Arn`, own('events', `event-bus/${Properties.Name}`));
        break;
      case 'AWS::Events::Rule': {
        const bus = String(Properties.EventBusName ?? '').replace('<Bus>', `sluice-${stage}/`);
        arns.set(`${id}.Arn`, own('events', `rule/${bus}${Properties.Name}`));
        break;
      }
      case 'AWS::SQS::Queue':
        arns.set(`${id}.Arn`, own('sqs', Properties.QueueName));
        break;
      case 'AWS::Lambda::Function':
        arns.set(`${id}.Arn`, own('lambda', `function:${Properties.FunctionName}`));
        break;
    }
  }
  return arns;
}

const ALL: PolicyDocument = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

/** Judges requests by a set of policies, those of all three environments. */
export class AccessWorld {
  readonly #identities = new Map<string, PolicyStatement[]>();
  readonly #resources = new Map<string, PolicyStatement[]>();
  readonly #documents = new Map<PolicyStatement[], PolicyDocument>();

  constructor(policies: readonly AttachedPolicy[]) {
    for (const { kind, arn, statements } of policies) {
      const map = kind === 'identity' ? this.#identities : this.#resources;
      const all = map.get(arn) ?? [];
      all.push(...statements);
      map.set(arn, all);
    }
  }

  judge({ stage, who, action, resource, context }: AccessRequest): Judgement {
    const principal = principalOf(stage, who, context);
    const owner = parseArn(resource)?.accountId || ownerOfBucket(resource) || accounts[stage];
    const identity = principal.kind === 'user' ? ALL : this.#document(this.#identities.get(principal.roleArn ?? ''));
    const call = { principal, accountId: owner, region: REGION, requestId: '' };
    return judge({
      principal,
      accountId: owner,
      identity: { policies: identity ? [{ name: who, document: identity }] : [], tags: {} },
      resourcePolicy: this.#document(this.#resources.get(carrierOf(resource))),
      request: {
        action,
        resourceArn: resource,
        context: new RequestContext(
          () => ({ ...globalContext(call, 0, {}), ...context }),
          (key) => isKnownConditionKey(key, action),
        ),
      },
    });
  }

  #document(statements: PolicyStatement[] | undefined): PolicyDocument | undefined {
    if (statements === undefined) return undefined;
    const known = this.#documents.get(statements);
    if (known) return known;
    const document: PolicyDocument = { Version: '2012-10-17', Statement: statements };
    this.#documents.set(statements, document);
    return document;
  }
}

function principalOf(stage: Stage, who: string, context: AccessRequest['context']): Principal {
  const accountId = accounts[stage];
  if (who.endsWith('.amazonaws.com')) {
    const sourceArn = context['aws:SourceArn'];
    return { kind: 'service', accountId, arn: who, userId: who, ...(sourceArn === undefined ? {} : { sourceArn }) };
  }
  if (who === 'administrator') {
    return { kind: 'user', accountId, arn: `arn:aws:iam::${accountId}:user/administrator`, userId: 'administrator' };
  }
  const name = `sluice-${stage}-${who}`;
  const roleArn = `arn:aws:iam::${accountId}:role/${name}`;
  return {
    kind: 'assumed-role',
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/s`,
    roleArn,
    userId: `${name}:s`,
  };
}

/** A bucket's policy speaks for its objects, and no other resource has parts with a policy elsewhere. */
const carrierOf = (resource: string): string =>
  resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] as string) : resource;

const ownerOfBucket = (resource: string): string | undefined =>
  /^arn:aws:s3:::sluice-\w+-\w+-(\d{12})/.exec(resource)?.[1];
