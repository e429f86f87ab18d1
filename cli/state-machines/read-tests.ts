import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Parsed, parseStateMachineTest } from '../../contracts/state-machine-test/parse.ts';
import type { StateMachineCase, StateMachineTest, StateMocks } from '../../contracts/state-machine-test/schema.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type ReadDefinition, readDefinition, readText } from './read-definition.ts';

/** The cases of one file, and the definition they are about. */
export interface TestFile {
  readonly file: string;
  readonly definition: ReadDefinition;
  readonly cases: readonly StateMachineCase[];
}

const TEST_FILE = /\.test\.(ya?ml|json)$/;

/** The test files that a path means: itself, or those in the folder. Throws Failure. */
export function testFilesAt(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Failure(exitCodes.usage, `There is no file or folder ${path}`);
  if (!stat.isDirectory()) return [path];
  const found = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => TEST_FILE.test(name) && !name.split(/[/\\]/).includes('node_modules'))
    .sort()
    .map((name) => join(path, name));
  if (found.length === 0)
    throw new Failure(exitCodes.usage, `${path} holds no file of state machine tests (*.test.yml)`, {
      hint: 'statemachines/train-model.test.yml shows how one is written',
    });
  return found;
}

/** Reads a file of tests and its definition. Throws Failure with every problem as `file:line:column`. */
export function readTestFile(file: string): TestFile {
  const parsed = parseStateMachineTest(readText(file), file);
  if (!parsed.ok) throw refused(file, parsed.message);
  const { definition: path, substitutions = {}, mocks = {}, input, cases } = parsed.value;
  const definition = readDefinition(relative('', resolve(dirname(file), path)), substitutions);
  refuseUnknownStates(file, parsed, definition);
  return {
    file,
    definition,
    cases: cases.map((one) => ({
      ...(input !== undefined && { input }),
      ...one,
      mocks: { ...mocks, ...one.mocks } as StateMocks,
    })),
  };
}

function refuseUnknownStates(
  file: string,
  { value: { mocks = {}, cases }, problemAt }: Extract<Parsed<StateMachineTest>, { ok: true }>,
  { states }: ReadDefinition,
): void {
  const named: (readonly (string | number)[])[] = [
    ...Object.keys(mocks).map((name) => ['mocks', name]),
    ...cases.flatMap((one, index) => [
      ...Object.keys(one.mocks ?? {}).map((name) => ['cases', index, 'mocks', name]),
      ...Object.keys(one.expect?.sent ?? {}).map((name) => ['cases', index, 'expect', 'sent', name]),
    ]),
  ];
  const problems = named
    .filter((path) => !states.has(String(path.at(-1))))
    .map((path) => problemAt({ path: [...path], message: `the definition has no state \`${path.at(-1)}\`` }));
  for (const [index, one] of cases.entries()) {
    if (one.state !== undefined && !states.has(one.state))
      problems.push(
        problemAt({ path: ['cases', index, 'state'], message: `the definition has no state \`${one.state}\`` }),
      );
  }
  if (problems.length > 0) throw refused(file, problems.join('\n'));
}

const refused = (file: string, problems: string): Failure =>
  new Failure(exitCodes.usage, `${file} cannot be used:\n${problems}`, {
    hint: 'each line names its place; docs/state-machine-tests.md says how such a file is written',
  });
