import type { Environment } from '../../domain/environment.ts';
import type { Machine } from '../../domain/ports/workflows.ts';

/** The resources of one environment by name, as docs/architecture.md lists them. They follow from environment, account and region alone. */
export interface ResourceNames {
  readonly dataBucket: string;
  readonly artifactsBucket: string;
  readonly registryTable: string;
  readonly bus: string;
  readonly busArn: string;
  readonly deadLetterQueue: string;
  readonly machineArn: Readonly<Record<Machine, string>>;
  functionName(name: string): string;
}

export const machines = ['train-model', 'promote-model'] as const satisfies readonly Machine[];

export function resourceNames(environment: Environment, accountId: string, region: string): ResourceNames {
  const machineArn = (machine: Machine) =>
    `arn:aws:states:${region}:${accountId}:stateMachine:sluice-${environment}-${machine}`;
  return {
    dataBucket: `sluice-${environment}-data-${accountId}`,
    artifactsBucket: `sluice-${environment}-artifacts-${accountId}`,
    registryTable: `sluice-${environment}-registry`,
    bus: `sluice-${environment}`,
    busArn: `arn:aws:events:${region}:${accountId}:event-bus/sluice-${environment}`,
    deadLetterQueue: `sluice-${environment}-dead-letters`,
    machineArn: { 'train-model': machineArn('train-model'), 'promote-model': machineArn('promote-model') },
    functionName: (name) => `sluice-${environment}-${name}`,
  };
}

export const executionArn = (names: ResourceNames, machine: Machine, runId: string): string =>
  `${names.machineArn[machine].replace(':stateMachine:', ':execution:')}:${runId}`;
