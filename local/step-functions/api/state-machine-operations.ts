import { AwsError } from '../../aws-error.ts';
import type { Operations } from '../../service.ts';
import {
  configurationMembers,
  NO_LOGGING,
  NO_TRACING,
  readLogging,
  readTracing,
  refuseOwnKey,
} from './configuration.ts';
import { flag, readInput, required } from './input.ts';
import type { MachineDeletion } from './machine-deletion.ts';
import { pageToken, readMachineArn, readTextToken } from './names.ts';
import {
  arn,
  definition,
  description,
  includedData,
  machineType,
  name,
  pageMembers,
  pageSize,
  tags,
} from './shapes.ts';
import { doesNotExist, INITIAL_REVISION, type StateMachineRow, type StateMachines } from './state-machines.ts';
import { mergeTags } from './tag-list.ts';
import type { VersionRow, Versions } from './versions.ts';

const PUBLISH = { publish: flag, versionDescription: description };
const CREATE = {
  name: required(name),
  definition: required(definition),
  roleArn: required(arn),
  type: machineType,
  tags,
  ...configurationMembers,
  ...PUBLISH,
};
const UPDATE = { stateMachineArn: required(arn), definition, roleArn: arn, ...configurationMembers, ...PUBLISH };
const DESCRIBE = { stateMachineArn: required(arn), includedData };
const DELETE = { stateMachineArn: required(arn) };

export function stateMachineOperations(
  machines: StateMachines,
  versions: Versions,
  deletion: MachineDeletion,
): Operations {
  return {
    CreateStateMachine(input) {
      const given = readInput('CreateStateMachine', CREATE, input);
      refuseOwnKey(given.encryptionConfiguration);
      checkVersionDescription(given);
      const { row, made } = machines.create({
        name: given.name,
        definition: given.definition,
        roleArn: given.roleArn,
        type: given.type ?? 'STANDARD',
        logging: readLogging(given.loggingConfiguration) ?? NO_LOGGING,
        tracing: readTracing(given.tracingConfiguration) ?? NO_TRACING,
        tags: mergeTags([], given.tags ?? []),
        publish: given.publish ? { description: given.versionDescription ?? null } : undefined,
      });
      const version = given.publish === true ? firstVersion(versions, row, made, given.versionDescription) : undefined;
      return {
        stateMachineArn: row.arn,
        creationDate: new Date(row.createdAtMs),
        ...(version && { stateMachineVersionArn: version.arn }),
      };
    },
    UpdateStateMachine(input) {
      const given = readInput('UpdateStateMachine', UPDATE, input);
      refuseOwnKey(given.encryptionConfiguration);
      checkVersionDescription(given);
      const logging = readLogging(given.loggingConfiguration);
      const tracing = readTracing(given.tracingConfiguration);
      const changes = given.definition ?? given.roleArn ?? logging ?? tracing ?? given.encryptionConfiguration;
      if (changes === undefined && given.publish !== true) {
        throw new AwsError(
          'MissingRequiredParameter',
          'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
        );
      }
      const row = machines.update(given.stateMachineArn, {
        ...(given.definition !== undefined && { definition: given.definition }),
        ...(given.roleArn !== undefined && { roleArn: given.roleArn }),
        ...(logging && { logging }),
        ...(tracing && { tracing }),
      });
      const version = given.publish ? versions.publish(row, given.versionDescription) : undefined;
      return {
        updateDate: new Date(row.updatedAtMs),
        ...shownRevision(row.revisionId),
        ...(version && { stateMachineVersionArn: version.arn }),
      };
    },
    DescribeStateMachine(input) {
      const given = readInput('DescribeStateMachine', DESCRIBE, input);
      const reference = readMachineArn(given.stateMachineArn);
      const version = reference.version === undefined ? undefined : versions.find(given.stateMachineArn);
      if (reference.version !== undefined && !version) throw doesNotExist(given.stateMachineArn);
      const row = machines.get(version?.machineArn ?? given.stateMachineArn);
      return describe(row, version, given.includedData === 'METADATA_ONLY');
    },
    ListStateMachines(input) {
      const given = readInput('ListStateMachines', pageMembers, input);
      const limit = pageSize(given.maxResults);
      const rows = machines.list(limit + 1, readTextToken(given.nextToken) ?? '');
      const page = rows.slice(0, limit);
      return {
        stateMachines: page.map((row) => ({
          stateMachineArn: row.arn,
          name: row.name,
          type: row.type,
          creationDate: new Date(row.createdAtMs),
        })),
        ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.name) }),
      };
    },
    DeleteStateMachine(input) {
      const given = readInput('DeleteStateMachine', DELETE, input);
      deletion.begin(given.stateMachineArn);
      return {};
    },
  };
}

/** The same request again answers with the version that the first one made. */
function firstVersion(versions: Versions, row: StateMachineRow, made: boolean, text: string | undefined): VersionRow {
  return (made ? undefined : versions.find(`${row.arn}:1`)) ?? versions.publish(row, text);
}

function checkVersionDescription({ publish, versionDescription }: { publish?: boolean; versionDescription?: string }) {
  if (versionDescription === undefined || publish === true) return;
  throw new AwsError('ValidationException', 'Version description can only be set when publish is true');
}

/** A machine that was never updated has none to show. */
export const shownRevision = (revisionId: string | null): { revisionId?: string } =>
  revisionId === null || revisionId === INITIAL_REVISION ? {} : { revisionId };

function describe(row: StateMachineRow, version: VersionRow | undefined, withoutData: boolean) {
  const shown = version ?? row;
  return {
    stateMachineArn: shown.arn,
    name: row.name,
    status: row.status,
    definition: withoutData ? '{}' : shown.definition,
    roleArn: shown.roleArn,
    type: row.type,
    creationDate: new Date(shown.createdAtMs),
    loggingConfiguration: JSON.parse(shown.logging),
    tracingConfiguration: JSON.parse(shown.tracing),
    ...shownRevision(shown.revisionId),
    ...(version && version.description !== null && { description: version.description }),
  };
}
