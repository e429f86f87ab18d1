import { AwsError } from '../../aws-error.ts';
import type { Aliases } from './aliases.ts';
import type { MachineType } from './check-definition.ts';
import { readMachineArn } from './names.ts';
import { doesNotExist, type StateMachines } from './state-machines.ts';
import type { Versions } from './versions.ts';

/** What a start runs: a machine as it is now, or one of its versions. */
export interface StartTarget {
  readonly machineArn: string;
  readonly machineName: string;
  readonly type: MachineType;
  readonly definition: string;
  readonly roleArn: string;
  readonly revisionId: string;
  readonly versionArn?: string;
  readonly aliasArn?: string;
}

/**
 * What the ARN of a machine, a version or an alias leads to; of an alias with two versions one is drawn. Throws InvalidArn,
 * StateMachineDoesNotExist, StateMachineDeleting, ValidationException.
 */
export const startTargets =
  (machines: StateMachines, versions: Versions, aliases: Aliases) =>
  (given: string): StartTarget => {
    const reference = readMachineArn(given);
    if (reference.mapLabel !== undefined) {
      throw new AwsError(
        'ValidationException',
        `${given} is a Distributed Map state, which cannot be started by itself`,
      );
    }
    const alias = reference.alias === undefined ? undefined : aliases.find(given);
    const versionArn = alias ? aliases.choose(alias) : reference.version === undefined ? undefined : given;
    const version = versionArn === undefined ? undefined : versions.find(versionArn);
    if ((reference.alias !== undefined && !alias) || (versionArn !== undefined && !version)) throw doesNotExist(given);
    if (!machines.find(reference.arn)) throw doesNotExist(given);
    const machine = machines.getActive(reference.arn);
    const { definition, roleArn, revisionId } = version ?? machine;
    return {
      machineArn: machine.arn,
      machineName: machine.name,
      type: machine.type,
      definition,
      roleArn,
      revisionId,
      ...(version && { versionArn: version.arn }),
      ...(alias && { aliasArn: alias.arn }),
    };
  };
