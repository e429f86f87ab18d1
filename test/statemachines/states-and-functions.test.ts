import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as promote from '../../contracts/steps/promote-model-steps.ts';
import * as train from '../../contracts/steps/train-model-steps.ts';
import { definitionOf, type MachineName, type StateDefinition, statesOf } from './definitions.ts';

const FUNCTIONS = join(import.meta.dirname, '..', '..', 'functions');
const machines: readonly MachineName[] = ['train-model', 'promote-model'];
const kebab = (pascal: string) => pascal.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
const camel = (pascal: string) => pascal[0]?.toLowerCase() + pascal.slice(1);

const calls = machines.flatMap((machine) =>
  statesOf(definitionOf(machine).States)
    .filter(([, { Type, Resource }]) => Type === 'Task' && Resource?.includes(':lambda:invoke'))
    .map(([name]) => ({ machine, name })),
);
const contracts = Object.keys({ ...train, ...promote }).filter((name) => name.endsWith('Contract'));
/** The three tests have one contract. */
const contractOf = (state: string) => (/^Test[A-Z]/.test(state) ? 'testContract' : `${camel(state)}Contract`);

describe('a Task state that calls a function', () => {
  it.each(calls)('$machine $name has a contract, and a folder that keeps to it', ({ name }) => {
    expect(contracts).toContain(contractOf(name));
    const handler = join(FUNCTIONS, kebab(name), 'handler.ts');
    expect(existsSync(handler), handler).toBe(true);
    const text = readFileSync(handler, 'utf8');
    expect(text).toContain('defineStep(');
    expect(text).toMatch(new RegExp(`contract: ${contractOf(name)}\\b`));
  });
});

it('every contract of a step is of a state', () => {
  expect(contracts.filter((contract) => !calls.some(({ name }) => contractOf(name) === contract))).toEqual([]);
});

it('every function that is a step is a state', () => {
  const steps = readdirSync(FUNCTIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .map(({ name }) => name)
    .filter((name) => readFileSync(join(FUNCTIONS, name, 'handler.ts'), 'utf8').includes('defineStep('));
  const states = new Set(calls.map(({ name }) => kebab(name)));
  expect(steps.filter((name) => !states.has(name))).toEqual([]);
  expect(steps.length).toBe(states.size);
});

describe.each(machines)('%s', (machine) => {
  const { States } = definitionOf(machine);
  const nexts = (state: StateDefinition): string[] => [
    ...(state.Next ? [state.Next] : []),
    ...(state.Default ? [state.Default] : []),
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ];

  it('has no way to an end that does not go through ReconcileAudit', () => {
    const { StartAt } = definitionOf(machine);
    const reached = new Set<string>();
    const visit = (name: string) => {
      if (reached.has(name) || name === 'ReconcileAudit') return;
      reached.add(name);
      for (const next of nexts(States[name] as StateDefinition)) visit(next);
    };
    visit(StartAt);
    const ends = [...reached].filter(
      (name) => ['Succeed', 'Fail'].includes(States[name]?.Type ?? '') || States[name]?.End,
    );
    expect(ends).toEqual([]);
  });

  it('has no Task whose error nobody catches, but ReconcileAudit', () => {
    const open = statesOf(States)
      .filter(
        ([, { Type, Catch }]) =>
          Type === 'Task' && !Catch?.some(({ ErrorEquals }) => ErrorEquals.includes('States.ALL')),
      )
      .map(([name]) => name);
    expect(open).toEqual(['ReconcileAudit']);
  });

  it('says of every state what it is for', () => {
    for (const [name, { Comment }] of statesOf(States)) expect(Comment, name).toMatch(/\w+ \w+/);
  });
});
