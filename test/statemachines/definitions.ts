import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';

export type MachineName = 'train-model' | 'promote-model';

export interface StateDefinition {
  readonly Type: string;
  readonly Resource?: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Arguments?: { readonly FunctionName?: string };
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Branches?: readonly { readonly States: Readonly<Record<string, StateDefinition>> }[];
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
}

export const machineArn = (name: MachineName): string => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;

/** What CloudFormation would put in place of a reference. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (value === null || typeof value !== 'object') return value;
  const node = value as Record<string, unknown>;
  const getAtt = node['Fn::GetAtt'] as [string, string] | undefined;
  if (getAtt) {
    const state = /^(\w+)LambdaFunction$/.exec(getAtt[0])?.[1];
    if (!state || getAtt[1] !== 'Arn') throw new Error(`no function is called ${getAtt.join('.')}`);
    return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${state}`;
  }
  if (node.Ref === 'TrainModelMachine') return machineArn('train-model');
  if ('Ref' in node) throw new Error(`nothing is called ${node.Ref}`);
  return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, resolved(member)]));
}

/** The definition as it stands in `statemachines/`, functions named as their states. */
export const definitionOf = (name: MachineName): Definition =>
  resolved(
    parse(readFileSync(join(import.meta.dirname, '..', '..', 'statemachines', `${name}.asl.yml`), 'utf8')),
  ) as Definition;

/** All states, those of Parallel branches included. */
export const statesOf = (states: Definition['States']): [string, StateDefinition][] =>
  Object.entries(states).flatMap(([name, state]) => [
    [name, state] as [string, StateDefinition],
    ...(state.Branches ?? []).flatMap((branch) => statesOf(branch.States)),
  ]);
