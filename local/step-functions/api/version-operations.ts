import { AwsError } from '../../aws-error.ts';
import type { Operations } from '../../service.ts';
import type { Aliases } from './aliases.ts';
import { readInput, required, text } from './input.ts';
import { pageToken, readMachineArn, readPageToken } from './names.ts';
import { arn, description, longArn, pageMembers, pageSize } from './shapes.ts';
import type { StateMachines } from './state-machines.ts';
import type { VersionRow, Versions } from './versions.ts';

const PUBLISH = { stateMachineArn: required(arn), revisionId: text(), description };
const DELETE = { stateMachineVersionArn: required(longArn) };
const LIST = { stateMachineArn: required(arn), ...pageMembers };

export function versionOperations(machines: StateMachines, versions: Versions, aliases: Aliases): Operations {
  return {
    PublishStateMachineVersion(input) {
      const given = readInput('PublishStateMachineVersion', PUBLISH, input);
      const machine = machines.getActive(given.stateMachineArn);
      if (given.revisionId !== undefined && given.revisionId !== machine.revisionId) {
        throw new AwsError(
          'ConflictException',
          `Failed to publish the State Machine version for revision ${given.revisionId}. The current State Machine revision is ${machine.revisionId}.`,
        );
      }
      return shown(versions.publish(machine, given.description));
    },
    DeleteStateMachineVersion(input) {
      const { stateMachineVersionArn: versionArn } = readInput('DeleteStateMachineVersion', DELETE, input);
      if (readMachineArn(versionArn).version === undefined) {
        throw new AwsError('ValidationException', `The ARN of a state machine version is needed, not ${versionArn}`);
      }
      const names = aliases.of(versionArn).map(({ name }) => name);
      if (names.length > 0) {
        throw new AwsError(
          'ConflictException',
          `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names.join(', ')}]`,
        );
      }
      versions.delete(versionArn);
      return {};
    },
    ListStateMachineVersions(input) {
      const given = readInput('ListStateMachineVersions', LIST, input);
      const { arn: machineArn } = readMachineArn(given.stateMachineArn);
      const limit = pageSize(given.maxResults);
      const rows = versions.list(machineArn, limit + 1, readPageToken(given.nextToken) ?? Number.MAX_SAFE_INTEGER);
      const page = rows.slice(0, limit);
      return {
        stateMachineVersions: page.map(shown),
        ...(rows.length > limit && { nextToken: pageToken(page.at(-1)!.number) }),
      };
    },
  };
}

const shown = (row: VersionRow) => ({
  stateMachineVersionArn: row.arn,
  creationDate: new Date(row.createdAtMs),
});
