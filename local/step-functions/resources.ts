import { AwsError, notImplemented } from '../aws-error.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type { JsonObject } from '../service.ts';
import type { Activities } from './api/activities.ts';
import type { Aliases, Route } from './api/aliases.ts';
import { type LoggingConfiguration, refuseOwnKey } from './api/configuration.ts';
import type { MachineDeletion } from './api/machine-deletion.ts';
import type { StateMachines } from './api/state-machines.ts';
import type { Versions } from './api/versions.ts';

/** `LoggingConfiguration` of CloudFormation in the API's spelling. */
function logging(value: unknown): LoggingConfiguration {
  if (value === undefined) return { level: 'OFF', includeExecutionData: false };
  const { Level, IncludeExecutionData, Destinations } = value as {
    Level?: LoggingConfiguration['level'];
    IncludeExecutionData?: boolean;
    Destinations?: { CloudWatchLogsLogGroup?: { LogGroupArn?: string } }[];
  };
  const destinations = Destinations ?? [];
  return {
    level: Level ?? 'OFF',
    includeExecutionData: IncludeExecutionData ?? false,
    ...(destinations.length > 0 && {
      destinations: destinations.map(({ CloudWatchLogsLogGroup: group }) => ({
        cloudWatchLogsLogGroup: group?.LogGroupArn === undefined ? {} : { logGroupArn: group.LogGroupArn },
      })),
    }),
  };
}

const routes = (value: unknown): Route[] =>
  ((value as { StateMachineVersionArn: string; Weight: number }[] | undefined) ?? []).map((route) => ({
    stateMachineVersionArn: String(route.StateMachineVersionArn),
    weight: Number(route.Weight),
  }));

function encryption(value: unknown): Parameters<typeof refuseOwnKey>[0] {
  if (value === undefined) return undefined;
  const { Type, KmsKeyId } = value as { Type: 'AWS_OWNED_KEY' | 'CUSTOMER_MANAGED_KMS_KEY'; KmsKeyId?: string };
  return { type: Type, ...(KmsKeyId !== undefined && { kmsKeyId: KmsKeyId }) };
}

const tags = (value: unknown): { key: string; value: string }[] =>
  ((value as { Key: string; Value: string }[] | undefined) ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }));

/** `${Name}` in the definition, replaced by the substitution of that name. */
function definitionText(properties: JsonObject): string {
  const given =
    properties.DefinitionString ??
    (properties.Definition === undefined ? undefined : JSON.stringify(properties.Definition));
  if (typeof given !== 'string')
    throw new AwsError('ValidationError', 'A state machine needs DefinitionString or Definition.');
  const substitutions = (properties.DefinitionSubstitutions as Record<string, unknown> | undefined) ?? {};
  return given.replace(/\$\{([A-Za-z0-9_]+)\}/g, (match, name: string) => {
    if (!Object.hasOwn(substitutions, name)) return match;
    // Inside a JSON string: what the value holds is escaped, its quotes are the definition's.
    return JSON.stringify(String(substitutions[name])).slice(1, -1);
  });
}

export interface StepFunctionsResources {
  readonly machines: StateMachines;
  readonly versions: Versions;
  readonly aliases: Aliases;
  readonly activities: Activities;
  readonly deletion: MachineDeletion;
}

export function stepFunctionsResources(dependencies: StepFunctionsResources): ResourceHandler[] {
  const { machines, versions, aliases, activities, deletion } = dependencies;
  return [
    {
      type: 'AWS::StepFunctions::StateMachine',
      properties: [
        'DefinitionString',
        'Definition',
        'DefinitionSubstitutions',
        'RoleArn',
        'StateMachineName',
        'StateMachineType',
        'LoggingConfiguration',
        'TracingConfiguration',
        'EncryptionConfiguration',
        'Tags',
      ],
      async put({ stackName, logicalId, properties, previous }) {
        const name = (properties.StateMachineName as string | undefined) ?? `${logicalId}-${stackName}`.slice(0, 80);
        const type = (properties.StateMachineType as 'STANDARD' | 'EXPRESS' | undefined) ?? 'STANDARD';
        refuseOwnKey(encryption(properties.EncryptionConfiguration));
        const input = {
          definition: definitionText(properties),
          roleArn: String(properties.RoleArn),
          logging: logging(properties.LoggingConfiguration),
          tracing: {
            enabled: (properties.TracingConfiguration as { Enabled?: boolean } | undefined)?.Enabled ?? false,
          },
        };
        const arn = machines.arnOf(name);
        const existing = machines.find(arn);
        if (existing && existing.type !== type) throw notImplemented(`Changing StateMachineType of ${name}`);
        const row = existing
          ? machines.update(arn, input)
          : machines.create({ name, type, tags: tags(properties.Tags), ...input }).row;
        if (existing) machines.setTags(arn, tags(properties.Tags));
        if (previous && previous.physicalId !== row.arn) deletion.begin(previous.physicalId);
        return {
          physicalId: row.arn,
          attributes: { Arn: row.arn, Name: row.name, StateMachineRevisionId: row.revisionId },
        };
      },
      async delete(physicalId) {
        deletion.begin(physicalId);
      },
    },
    {
      type: 'AWS::StepFunctions::StateMachineVersion',
      properties: ['StateMachineArn', 'StateMachineRevisionId', 'Description'],
      async put({ properties, previous }) {
        const machine = machines.getActive(String(properties.StateMachineArn));
        const wanted = properties.StateMachineRevisionId;
        if (wanted !== undefined && wanted !== machine.revisionId) {
          throw new AwsError(
            'ConflictException',
            `${machine.arn} is at revision ${machine.revisionId}, not at ${String(wanted)}: nothing was published.`,
          );
        }
        const row = versions.publish(machine, properties.Description as string | undefined);
        // CloudFormation makes the new one before the old one goes, and an alias may still lead to that.
        if (previous && previous.physicalId !== row.arn && aliases.of(previous.physicalId).length === 0)
          versions.delete(previous.physicalId);
        return { physicalId: row.arn, attributes: { Arn: row.arn } };
      },
      async delete(physicalId) {
        versions.delete(physicalId);
      },
    },
    {
      type: 'AWS::StepFunctions::StateMachineAlias',
      properties: ['Name', 'Description', 'RoutingConfiguration'],
      async put({ logicalId, properties, previous }) {
        const routing = routes(properties.RoutingConfiguration);
        const name = (properties.Name as string | undefined) ?? logicalId;
        const description = properties.Description as string | undefined;
        const machineArn = routing[0]?.stateMachineVersionArn.replace(/:\d+$/, '');
        const existing = aliases.find(`${machineArn}:${name}`);
        const alias = existing
          ? aliases.update(existing.arn, description, routing)
          : aliases.create(name, description, routing);
        if (previous && previous.physicalId !== alias.arn) aliases.delete(previous.physicalId);
        return { physicalId: alias.arn, attributes: { Arn: alias.arn } };
      },
      async delete(physicalId) {
        aliases.delete(physicalId);
      },
    },
    {
      type: 'AWS::StepFunctions::Activity',
      properties: ['Name', 'Tags'],
      async put({ properties }) {
        const row = activities.create(String(properties.Name), tags(properties.Tags));
        activities.setTags(row.arn, tags(properties.Tags));
        return { physicalId: row.arn, attributes: { Arn: row.arn, Name: row.name } };
      },
      async delete(physicalId) {
        activities.delete(physicalId);
      },
    },
  ];
}
