import { AwsError, notImplemented } from '../aws-error.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type { JsonObject } from '../service.ts';
import type { Activities } from './api/activities.ts';
import type { StateMachines } from './api/state-machines.ts';

/** `LoggingConfiguration` of CloudFormation in the API's spelling. */
function logging(value: unknown): JsonObject {
  if (value === undefined) return { level: 'OFF', includeExecutionData: false };
  const { Level, IncludeExecutionData, Destinations } = value as JsonObject;
  const destinations = (Destinations as { CloudWatchLogsLogGroup?: { LogGroupArn?: string } }[] | undefined) ?? [];
  return {
    level: Level ?? 'OFF',
    includeExecutionData: IncludeExecutionData ?? false,
    ...(destinations.length > 0 && {
      destinations: destinations.map(({ CloudWatchLogsLogGroup: group }) => ({
        cloudWatchLogsLogGroup: { logGroupArn: group?.LogGroupArn },
      })),
    }),
  };
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

export function stepFunctionsResources(machines: StateMachines, activities: Activities): ResourceHandler[] {
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
        'Tags',
      ],
      async put({ stackName, logicalId, properties, previous }) {
        const name = (properties.StateMachineName as string | undefined) ?? `${logicalId}-${stackName}`.slice(0, 80);
        const type = (properties.StateMachineType as 'STANDARD' | 'EXPRESS' | undefined) ?? 'STANDARD';
        const input = {
          definition: definitionText(properties),
          roleArn: String(properties.RoleArn),
          logging: logging(properties.LoggingConfiguration),
          tracing: {
            enabled: (properties.TracingConfiguration as { Enabled?: boolean } | undefined)?.Enabled ?? false,
          },
          tags: tags(properties.Tags),
        };
        const arn = machines.arnOf(name);
        const existing = machines.find(arn);
        if (existing && existing.type !== type) throw notImplemented(`Changing StateMachineType of ${name}`);
        const row = existing ? machines.update(arn, input) : machines.create({ name, type, ...input });
        if (previous && previous.physicalId !== row.arn) machines.delete(previous.physicalId);
        return {
          physicalId: row.arn,
          attributes: { Arn: row.arn, Name: row.name, StateMachineRevisionId: row.revisionId },
        };
      },
      async delete(physicalId) {
        machines.delete(physicalId);
      },
    },
    {
      type: 'AWS::StepFunctions::Activity',
      properties: ['Name', 'Tags'],
      async put({ properties }) {
        const row = activities.create(String(properties.Name));
        return { physicalId: row.arn, attributes: { Arn: row.arn, Name: row.name } };
      },
      async delete(physicalId) {
        activities.delete(physicalId);
      },
    },
  ];
}
