import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as errors from '../../domain/errors.ts';
import { stateErrorsTable, withStateErrors } from '../../scripts/state-errors.ts';

const root = join(import.meta.dirname, '..', '..');
const rows = stateErrorsTable(root)
  .split('\n')
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, machine, state, , terminal, transient]) => ({
    machine,
    state,
    terminal: terminal?.split(', ') ?? [],
    transient: transient?.split(', ') ?? [],
  }));
const named = (kind: abstract new (...args: never[]) => Error) =>
  Object.values(errors)
    .filter((one) => one.prototype instanceof kind)
    .map(({ name }) => name);

describe('the table of what states may raise', () => {
  test('is up to date: run "npm run generate" where it is not', () => {
    const readme = readFileSync(join(root, 'statemachines/README.md'), 'utf8');
    expect(readme).toBe(withStateErrors(readme, root));
  });

  test('has every state that calls a function once', () => {
    const text = ['train-model', 'promote-model']
      .map((name) => readFileSync(join(root, `statemachines/${name}.asl.yml`), 'utf8'))
      .join('\n');
    const states = new Set([...text.matchAll(/\[(\w+)LambdaFunction, Arn\]/g)].map(([, state]) => state));
    expect(rows.map(({ state }) => state).sort()).toEqual([...states].sort());
  });

  test.each(rows)('$state names errors that the code exports, each by its kind', ({ terminal, transient }) => {
    const known = (names: readonly string[]) => names.filter((name) => name !== '');
    expect(named(errors.TerminalError)).toEqual(expect.arrayContaining(known(terminal)));
    expect(named(errors.TransientError)).toEqual(expect.arrayContaining(known(transient)));
    expect(known(transient)).not.toEqual([]);
  });
});
