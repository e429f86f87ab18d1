import { createHash } from 'node:crypto';
import { AwsError, notImplemented } from '../../aws-error.ts';
import { isDistributed, type Program, processorOf, type State } from '../asl.ts';
import { refusalMessage, validateDefinition } from '../definition/validate-definition.ts';
import type { TaskCaller } from '../engine/task-caller.ts';
import { parseResource } from '../interpreter/resource.ts';
import { refuseUnsupportedReader } from '../map-run/refuse-unsupported.ts';

export type MachineType = 'STANDARD' | 'EXPRESS';

/** Throws InvalidDefinition as AWS does, and NotImplemented for what is valid but not done here. */
export function checkDefinition(definition: string, type: MachineType, caller: Pick<TaskCaller, 'supports'>): void {
  const { issues, definition: parsed } = validateDefinition(definition, type);
  const refusal = refusalMessage(issues);
  if (refusal !== undefined) throw new AwsError('InvalidDefinition', refusal);
  refuseUnsupported(parsed as unknown as Program, '', type, caller);
}

/** The same definition has the same key: it is kept once for all that run it. */
export const definitionKey = (definition: string): string => createHash('sha256').update(definition).digest('hex');

function refuseUnsupported(
  program: Program,
  place: string,
  type: MachineType,
  caller: Pick<TaskCaller, 'supports'>,
): void {
  for (const [name, state] of Object.entries(program.States)) {
    const at = `${place}/States/${name}`;
    if (state.Type === 'Task') refuseResource(state, at, caller);
    if (state.Type === 'Parallel') {
      for (const [index, branch] of (state.Branches ?? []).entries())
        refuseUnsupported(branch, `${at}/Branches[${index}]`, type, caller);
    }
    if (state.Type !== 'Map') continue;
    if (type === 'EXPRESS' && isDistributed(state)) {
      throw new AwsError(
        'InvalidDefinition',
        `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Distributed mode of the Map state is not supported in Express state machines at ${at}'`,
      );
    }
    if (isDistributed(state)) refuseUnsupportedReader(state, at);
    refuseUnsupported(processorOf(state), `${at}/ItemProcessor`, type, caller);
  }
}

function refuseResource(state: State, at: string, caller: Pick<TaskCaller, 'supports'>): void {
  const resource = parseResource(state.Resource!);
  if (resource && !caller.supports(resource))
    throw notImplemented(`The resource ${state.Resource} (at ${at}/Resource)`);
}
