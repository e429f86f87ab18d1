import { parse } from 'yaml';
import { parseStateMocks } from '../../contracts/state-machine-test/parse.ts';
import type { StateMachineCase, StateMocks } from '../../contracts/state-machine-test/schema.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { readDefinition, readText } from './read-definition.ts';
import { readTestFile, type TestFile, testFilesAt } from './read-tests.ts';
import { type CaseOutcome, runCase } from './run-case.ts';

export interface CaseChoice {
  /** Text in the names of the cases that are meant. */
  readonly only: string | undefined;
  /** Of a definition: JSON, or `@FILE`. */
  readonly input: string | undefined;
  readonly state: string | undefined;
  /** State name → a mock, as YAML or JSON. */
  readonly mock: Readonly<Record<string, string>>;
  readonly mocksFile: string | undefined;
}

export interface CaseResults {
  readonly files: readonly { readonly file: string; readonly outcomes: readonly CaseOutcome[] }[];
  /** The path was a definition, run once as the options say. */
  readonly isDefinition: boolean;
}

/** Runs the cases at a path: of a file, of a folder's files, or the one that the options make of a definition. Throws Failure. */
export async function runCases(path: string, choice: CaseChoice): Promise<CaseResults> {
  const found = testFilesAt(path);
  const isDefinition = found.length === 1 && found[0] === path && holdsDefinition(path);
  const files = isDefinition ? [caseOfDefinition(path, choice)] : casesOf(found, choice);
  const results: { file: string; outcomes: CaseOutcome[] }[] = [];
  for (const { file, definition, cases } of files) {
    const outcomes: CaseOutcome[] = [];
    for (const one of cases) outcomes.push(await runCase(one, definition));
    results.push({ file, outcomes });
  }
  return { files: results, isDefinition };
}

/** A definition has StartAt and States; text that is no YAML is left to whoever reads it next, who says where. */
function holdsDefinition(path: string): boolean {
  try {
    const value: unknown = parse(readText(path), { logLevel: 'silent', maxAliasCount: -1 });
    return typeof value === 'object' && value !== null && ('States' in value || 'StartAt' in value);
  } catch (error) {
    if (error instanceof Failure) throw error;
    return /\.asl\.(ya?ml|json)$/.test(path);
  }
}

function casesOf(found: readonly string[], { only, ...rest }: CaseChoice): TestFile[] {
  const misplaced = [
    rest.input === undefined ? undefined : '--input',
    rest.state === undefined ? undefined : '--state',
    rest.mocksFile === undefined ? undefined : '--mocks',
    Object.keys(rest.mock).length === 0 ? undefined : '--mock',
  ].find((name) => name !== undefined);
  if (misplaced !== undefined)
    throw new Failure(exitCodes.usage, `${misplaced} is for a definition; a file of cases says it itself`);
  const files = found.map(readTestFile);
  if (only === undefined) return files;
  const chosen = files
    .map((file) => ({ ...file, cases: file.cases.filter(({ name }) => name.includes(only)) }))
    .filter(({ cases }) => cases.length > 0);
  if (chosen.length > 0) return chosen;
  const names = files.flatMap(({ cases }) => cases.map(({ name }) => `  ${name}`));
  throw new Failure(exitCodes.usage, `No case has "${only}" in its name. There are:\n${names.join('\n')}`);
}

function caseOfDefinition(file: string, { only, input, state, mock, mocksFile }: CaseChoice): TestFile {
  if (only !== undefined) throw new Failure(exitCodes.usage, `${file} is a definition, which has no cases`);
  const definition = readDefinition(file, {});
  const mocks = { ...(mocksFile !== undefined && mocksIn(mocksFile)), ...mocksGiven(mock) } as StateMocks;
  for (const name of [...Object.keys(mocks), ...(state === undefined ? [] : [state])]) {
    if (!definition.states.has(name))
      throw new Failure(
        exitCodes.usage,
        `${file} has no state ${name}. It has: ${[...definition.states.keys()].join(', ')}`,
      );
  }
  const one: StateMachineCase = {
    name: state ?? 'the machine',
    input: inputGiven(input),
    mocks,
    ...(state !== undefined && { state }),
  };
  return { file, definition: { ...definition, isTheTest: true }, cases: [one] };
}

function mocksIn(file: string): StateMocks {
  const parsed = parseStateMocks(readText(file), file);
  if (!parsed.ok) throw new Failure(exitCodes.usage, `${file} cannot be used:\n${parsed.message}`);
  return parsed.value;
}

/** Each is read by itself, so that what is wrong is said of the one option. */
const mocksGiven = (given: Readonly<Record<string, string>>): StateMocks =>
  Object.assign(
    {},
    ...Object.entries(given).map(([state, text]) => {
      const parsed = parseStateMocks(`${JSON.stringify(state)}: ${text}`, `--mock ${state}`);
      if (!parsed.ok) throw new Failure(exitCodes.usage, `--mock ${state} cannot be used:\n${parsed.message}`);
      return parsed.value;
    }),
  );

function inputGiven(input: string | undefined): unknown {
  if (input === undefined) return {};
  const text = input.startsWith('@') ? readText(input.slice(1)) : input;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(exitCodes.usage, `--input is no JSON: ${(error as Error).message}`, {
      hint: 'write it in quotes: --input \'{"id": 1}\', or name a file: --input @input.json',
    });
  }
}
