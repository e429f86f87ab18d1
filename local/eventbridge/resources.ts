import { AwsError, notImplemented } from '../aws-error.ts';
import type { DeployedResource, ResourceHandler, ResourceRequest } from '../deploy/resource.ts';
import type { PolicyStatement } from '../iam/policy.ts';
import { readPolicyDocument } from '../iam/policy-document.ts';
import type { JsonObject } from '../service.ts';
import type { Archives } from './archives.ts';
import type { Buses } from './buses.ts';
import { DEFAULT_BUS } from './event.ts';
import { optional, readState } from './rule-operations.ts';
import type { Rules } from './rules.ts';
import type { Scheduler } from './scheduler.ts';
import type { Tags } from './tags.ts';
import { readTarget } from './target.ts';

interface ResourceDeps {
  readonly buses: Buses;
  readonly rules: Rules;
  readonly archives: Archives;
  readonly scheduler: Scheduler;
  readonly tags: Tags;
}

/** The CloudFormation resource types of EventBridge. */
export const eventBridgeResources = ({ buses, rules, archives, scheduler, tags }: ResourceDeps): ResourceHandler[] => [
  eventBus(buses, tags),
  eventBusPolicy(buses),
  eventRule(buses, rules, scheduler, tags),
  eventArchive(buses, archives),
];

const eventBus = (buses: Buses, tags: Tags): ResourceHandler => ({
  type: 'AWS::Events::EventBus',
  properties: ['Name', 'Description', 'Policy', 'Tags'],
  async put({ properties, logicalId }) {
    if (properties.Policy !== undefined) throw notImplemented(`Policy of AWS::Events::EventBus ${logicalId}`);
    const { name, arn } = buses.put(requiredName(properties, 'Name', logicalId), properties.Description as string);
    retag(tags, arn, properties.Tags);
    return { physicalId: name, attributes: { Name: name, Arn: arn } };
  },
  async delete(physicalId) {
    if (buses.find(physicalId)) buses.delete(physicalId);
  },
});

const eventBusPolicy = (buses: Buses): ResourceHandler => ({
  type: 'AWS::Events::EventBusPolicy',
  properties: ['EventBusName', 'StatementId', 'Statement'],
  async put({ properties, logicalId, previous }) {
    const bus = buses.nameOf(properties.EventBusName as string | undefined);
    buses.require(bus);
    const statementId = requiredName(properties, 'StatementId', logicalId);
    const where = `AWS::Events::EventBusPolicy ${logicalId}`;
    const statement = properties.Statement as PolicyStatement | undefined;
    if (statement === undefined) throw notImplemented(`${where} without Statement`);
    readPolicyDocument({ Version: '2012-10-17', Statement: [statement] }, where);
    const physicalId = `${bus}|${statementId}`;
    if (previous && previous.physicalId !== physicalId) deleteStatement(buses, previous.physicalId);
    buses.putStatement(bus, statementId, statement);
    return { physicalId, attributes: {} };
  },
  async delete(physicalId) {
    deleteStatement(buses, physicalId);
  },
});

function deleteStatement(buses: Buses, physicalId: string): void {
  const [bus = '', statementId = ''] = physicalId.split('|');
  buses.deleteStatement(bus, statementId);
}

const eventRule = (buses: Buses, rules: Rules, scheduler: Scheduler, tags: Tags): ResourceHandler => ({
  type: 'AWS::Events::Rule',
  properties: [
    'Name',
    'Description',
    'EventBusName',
    'EventPattern',
    'RoleArn',
    'ScheduleExpression',
    'State',
    'Tags',
    'Targets',
  ],
  async put(request) {
    const { properties, previous } = request;
    const bus = buses.nameOf(properties.EventBusName as string | undefined);
    const name = (properties.Name as string | undefined) ?? generatedName(request);
    const targets = ((properties.Targets as unknown[] | undefined) ?? []).map(readTarget);
    const rule = rules.put({
      bus,
      name,
      state: readState(properties.State),
      ...optional('pattern', properties.EventPattern && asJsonText(properties.EventPattern)),
      ...optional('schedule', properties.ScheduleExpression),
      ...optional('description', properties.Description),
      ...optional('roleArn', properties.RoleArn),
    });
    const gone = rules.targets(bus, name).filter(({ Id }) => !targets.some((target) => target.Id === Id));
    for (const { Id } of gone) rules.removeTarget(bus, name, Id);
    rules.putTargets(bus, name, targets);
    retag(tags, rule.arn, properties.Tags);
    const physicalId = bus === DEFAULT_BUS ? name : `${bus}|${name}`;
    if (previous && previous.physicalId !== physicalId) deleteRule(rules, previous.physicalId);
    scheduler.reschedule();
    return { physicalId, attributes: { Arn: rule.arn } };
  },
  async delete(physicalId) {
    deleteRule(rules, physicalId);
    scheduler.reschedule();
  },
});

function retag(tags: Tags, arn: string, given: unknown): void {
  tags.clear(arn);
  tags.put(arn, given);
}

function deleteRule(rules: Rules, physicalId: string): void {
  const [first = '', second] = physicalId.split('|');
  const [bus, name] = second === undefined ? [DEFAULT_BUS, first] : [first, second];
  for (const { Id } of rules.targets(bus, name)) rules.removeTarget(bus, name, Id);
  rules.delete(bus, name);
}

const eventArchive = (buses: Buses, archives: Archives): ResourceHandler => ({
  type: 'AWS::Events::Archive',
  properties: ['ArchiveName', 'Description', 'EventPattern', 'RetentionDays', 'SourceArn'],
  async put(request): Promise<DeployedResource> {
    const { properties } = request;
    const bus = buses.nameOf(requiredName(properties, 'SourceArn', request.logicalId));
    buses.require(bus);
    const { name, arn } = archives.put({
      name: (properties.ArchiveName as string | undefined) ?? generatedName(request).slice(-48),
      bus,
      retentionDays: Number(properties.RetentionDays ?? 0),
      ...optional('pattern', properties.EventPattern && asJsonText(properties.EventPattern)),
      ...optional('description', properties.Description),
    });
    return { physicalId: name, attributes: { ArchiveName: name, Arn: arn } };
  },
  async delete(physicalId) {
    archives.delete(physicalId);
  },
});

/** CloudFormation names what the template does not; here the same name each time, so that a deployment can be repeated. */
const generatedName = ({ stackName, logicalId }: ResourceRequest): string => `${stackName}-${logicalId}`.slice(0, 64);

const asJsonText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function requiredName(properties: JsonObject, name: string, logicalId: string): string {
  const value = properties[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new AwsError('ValidationError', `${logicalId}: property ${name} is required and must be a string.`);
}
