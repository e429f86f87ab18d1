import { beforeAll, describe, expect, it } from 'vitest';
import * as errors from '../../domain/errors.ts';
import {
  asList,
  ofType,
  type PackagedTemplate,
  packagedTemplates,
  policyStatements,
  type Stage,
  stages,
} from './packaged.ts';

let templates: Readonly<Record<Stage, PackagedTemplate>>;
beforeAll(async () => {
  templates = await packagedTemplates();
});

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: { FunctionName?: string; StateMachineArn?: string };
  readonly Retry?: readonly { ErrorEquals: string[]; BackoffRate?: number; JitterStrategy?: string }[];
  readonly Catch?: readonly { ErrorEquals: string[]; Next: string }[];
  readonly States?: Readonly<Record<string, State>>;
  readonly Branches?: readonly { States: Readonly<Record<string, State>> }[];
  readonly ItemProcessor?: { States: Readonly<Record<string, State>> };
}
type Definition = {
  readonly QueryLanguage?: string;
  readonly Comment?: string;
  readonly States: Readonly<Record<string, State>>;
};

const definitionOf = (template: PackagedTemplate, id: string): Definition =>
  JSON.parse(template.resources[id]?.Properties.DefinitionString) as Definition;

/** All states of a machine, those inside Parallel and Map included. */
function statesIn(states: Readonly<Record<string, State>>): [string, State][] {
  return Object.entries(states).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.Branches ?? []).flatMap((branch) => statesIn(branch.States)),
    ...statesIn(state.ItemProcessor?.States ?? {}),
  ]);
}

const tasksOf = (template: PackagedTemplate, id: string) =>
  statesIn(definitionOf(template, id).States).filter(([, { Type }]) => Type === 'Task');
const kebab = (pascal: string) => pascal.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
const invokedBy = (template: PackagedTemplate, id: string) =>
  new Set(tasksOf(template, id).flatMap(([, state]) => state.Arguments?.FunctionName ?? []));

const MACHINES = ['TrainModelMachine', 'PromoteModelMachine'];

describe.each(stages)('in %s', (stage) => {
  it('there are the machines train-model and promote-model, Standard, logging everything, in JSONata, with a comment', () => {
    const machines = ofType(templates[stage], 'AWS::StepFunctions::StateMachine');
    expect(machines.map(([id]) => id)).toEqual(MACHINES);
    for (const [id, { Properties }] of machines) {
      expect(Properties, id).toMatchObject({
        StateMachineType: 'STANDARD',
        LoggingConfiguration: {
          Level: 'ALL',
          Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: `<${id}LogGroup.Arn>` } }],
        },
      });
      const definition = definitionOf(templates[stage], id);
      expect(definition, id).toMatchObject({ QueryLanguage: 'JSONata', Comment: expect.stringMatching(/\w+ \w+/) });
    }
  });

  it.each(MACHINES)('%s: every Task state invokes the function of its name', (id) => {
    for (const [name, state] of tasksOf(templates[stage], id)) {
      if (name === 'Retrain') {
        expect(state).toMatchObject({
          Resource: 'arn:aws:states:::states:startExecution.sync:2',
          Arguments: { StateMachineArn: '<TrainModelMachine>' },
        });
        continue;
      }
      expect(state.Resource, name).toMatch(/^arn:aws:states:::lambda:invoke(\.waitForTaskToken)?$/);
      expect(state.Arguments?.FunctionName, name).toBe(`<${name}LambdaFunction.Arn>`);
      expect(templates[stage].resources[`${name}LambdaFunction`]?.Properties.FunctionName, name).toBe(
        `sluice-${stage}-${kebab(name)}`,
      );
    }
  });

  it.each(MACHINES)('%s: its role may invoke exactly the functions of its states', (id) => {
    const allowed = policyStatements(templates[stage])
      .filter(
        ({ logicalId, statement }) =>
          logicalId === `${id}Role` && asList(statement.Action).includes('lambda:InvokeFunction'),
      )
      .flatMap(({ statement }) => asList(statement.Resource));
    expect([...allowed].sort()).toEqual([...invokedBy(templates[stage], id)].sort());
  });

  it('every function is a state, or has a trigger', () => {
    const template = templates[stage];
    const states = new Set(MACHINES.flatMap((id) => [...invokedBy(template, id)]));
    const triggers = JSON.stringify([
      ofType(template, 'AWS::Events::Rule').map(([, { Properties }]) => Properties.Targets),
      ofType(template, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties.FunctionName),
      ofType(template, 'AWS::Lambda::Url').map(([, { Properties }]) => Properties.TargetFunctionArn),
    ]);
    const idle = ofType(template, 'AWS::Lambda::Function')
      .map(([id]) => `<${id}.Arn>`)
      .filter((arn) => !states.has(arn) && !triggers.includes(arn));
    expect(idle).toEqual([]);
  });
});

it('the state machines are the same in all environments', () => {
  const definitions = stages.map((stage) => MACHINES.map((id) => definitionOf(templates[stage], id)));
  expect(definitions[1]).toEqual(definitions[0]);
  expect(definitions[2]).toEqual(definitions[0]);
});

it('the environments have the same resources, but for the door to the one before and the way to the next', () => {
  const ids = (stage: Stage) =>
    Object.keys(templates[stage].resources)
      .map((id) => id.replace(`Sluice${stage}`, 'Sluice'))
      .filter(
        (id) => !['BusTakesPromotionRequests', 'ForwardPromotionRequests', 'ForwardPromotionRequestsRole'].includes(id),
      )
      .sort();
  expect(ids('acc')).toEqual(ids('dev'));
  expect(ids('prd')).toEqual(ids('dev'));
});

describe('every error that a machine routes by', () => {
  const exported = Object.entries(errors)
    .filter(([, each]) => typeof each === 'function' && each.prototype instanceof Error)
    .map(([name]) => name);
  const transient = Object.entries(errors)
    .filter(([, each]) => typeof each === 'function' && each.prototype instanceof errors.TransientError)
    .map(([name]) => name);
  const ofTheCode = (name: string) => !/^(States|Lambda)\./.test(name);
  const named = (kind: 'Retry' | 'Catch') =>
    MACHINES.flatMap((id) =>
      statesIn(definitionOf(templates.dev, id).States).flatMap(([state, each]) =>
        (each[kind] ?? []).flatMap(({ ErrorEquals }) =>
          ErrorEquals.map((error) => ({ where: `${id}.${state}`, error })),
        ),
      ),
    );

  it('is one that the code exports, or one of the service', () => {
    const unknown = [...named('Retry'), ...named('Catch')].filter(
      ({ error }) => ofTheCode(error) && !exported.includes(error),
    );
    expect(unknown).toEqual([]);
  });

  it('is retried only if it may pass by itself', () => {
    const hopeless = named('Retry').filter(({ error }) => ofTheCode(error) && !transient.includes(error));
    expect(hopeless).toEqual([]);
  });

  it('is retried with backoff and jitter', () => {
    for (const id of MACHINES) {
      const retriers = statesIn(definitionOf(templates.dev, id).States).flatMap(([name, { Retry }]) =>
        (Retry ?? []).map((retrier) => ({ where: `${id}.${name}`, retrier })),
      );
      expect(retriers.length, id).toBeGreaterThan(0);
      for (const { where, retrier } of retriers) {
        expect(retrier, where).toMatchObject({ JitterStrategy: 'FULL', BackoffRate: expect.any(Number) });
        expect(retrier.BackoffRate, where).toBeGreaterThan(1);
      }
    }
  });
});
