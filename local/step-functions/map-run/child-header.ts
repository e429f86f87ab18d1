import { createHash } from 'node:crypto';
import type { Ids } from '../../ids.ts';
import type { StateMachineDefinition } from '../asl.ts';
import type { ExecutionHeader, MapRunPlace } from '../interpreter/execution.ts';

export type ChildHeader = Omit<ExecutionHeader, 'definition'> & { readonly mapRun: MapRunPlace };

/** `arn:…:mapRun:MACHINE/LABEL:UUID` → `LABEL` */
export const labelOf = (mapRunArn: string): string => mapRunArn.split('/').at(-1)!.split(':')[0] as string;

/** Who a child is: `MACHINE/LABEL` stands in its ARN for the name of its state machine. */
export function childHeader(
  parent: Pick<ExecutionHeader, 'stateMachineArn' | 'stateMachineName' | 'roleArn'>,
  mapRunArn: string,
  name: string,
  express: boolean,
  ids: Ids,
): Omit<ChildHeader, 'mapRun'> {
  const label = labelOf(mapRunArn);
  const stateMachineArn = `${parent.stateMachineArn}/${label}`;
  const kind = express ? ':express:' : ':execution:';
  const arn = `${stateMachineArn.replace(':stateMachine:', kind)}:${name}${express ? `:${ids.uuid()}` : ''}`;
  return {
    arn,
    name,
    stateMachineArn,
    stateMachineName: `${parent.stateMachineName}/${label}`,
    roleArn: parent.roleArn,
  };
}

/** The same processor is the same revision. */
export const definitionRevision = (definition: StateMachineDefinition): string =>
  createHash('sha256').update(JSON.stringify(definition)).digest('hex');
