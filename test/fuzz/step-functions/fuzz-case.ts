import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { JsonObject } from '../../../local/service.ts';
import { type SeededRandom, seededRandom } from '../../../ml/seeded-random.ts';
import { conformanceFolder, readCases } from '../../conformance/suite.ts';
import { generatedMachine } from '../../properties/step-functions/machines.ts';
import { CARRIERS, type Original } from './carriers.ts';
import { FuzzAccount } from './fuzz-account.ts';
import { deepText, mutated, mutatedText, oddInput } from './mutate.ts';

const CORPUS = ['executions.json.gz', 'test-state.json.gz', 'create-invalid.json.gz'];

/** The recorded definitions, where they are, and generated ones, which follow from the seed. */
export function originals(seed: number): readonly Original[] {
  const recorded = CORPUS.map((name) => join(conformanceFolder(), 'step-functions', name))
    .filter((file) => existsSync(file))
    .flatMap((file) => (readCases(file) as { cases: readonly Original[] }).cases);
  return [...CARRIERS, ...recorded, ...fc.sample(generatedMachine, { seed, numRuns: 150 })];
}

export interface CaseReport {
  readonly seed: number;
  readonly number: number;
  readonly findings: readonly string[];
  /** What became of it: the code that CreateStateMachine refused with, or the execution's end. */
  readonly end: string;
  /** What was sent, cut. */
  readonly definition: string;
  readonly input: string;
}

const ROLE = 'arn:aws:iam::111111111111:role/machine';
const MOST_TURNS = 60;
const MOST_SHOWN = 20_000;

/** One definition and one input with something wrong in them, through every operation that reads such. The first cases are the carriers. */
export async function fuzzCase(seed: number, number: number, all: readonly Original[]): Promise<CaseReport> {
  const random = seededRandom(seed * 1_000_003 + number);
  const plain = number < CARRIERS.length;
  const original = all[plain ? number : random.below(all.length)]!;
  const donor = all[random.below(all.length)]!;
  const definition = plain ? JSON.stringify(original.definition) : definitionText(random, original, donor);
  const input = plain ? JSON.stringify(original.input) : inputText(random, original, donor);
  const account = new FuzzAccount(`${seed}/${number}`);
  const end = await throughTheApi(account, random, definition, input);
  await account.end();
  return {
    seed,
    number,
    end,
    findings: [...account.findings, ...pollution()],
    definition: definition.slice(0, MOST_SHOWN),
    input: input.slice(0, MOST_SHOWN),
  };
}

async function throughTheApi(account: FuzzAccount, random: SeededRandom, definition: string, input: string) {
  const type = random.below(6) === 0 ? 'EXPRESS' : 'STANDARD';
  await account.ask('ValidateStateMachineDefinition', { definition, type });
  await account.ask('TestState', testStateInput(random, definition, input));
  const create: JsonObject = { name: 'm', definition, roleArn: ROLE, type };
  const odd = random.below(20) === 0;
  const created = await account.ask(
    'CreateStateMachine',
    odd ? (mutated(random, create, create, 1) as JsonObject) : create,
  );
  if (created.code !== undefined) return created.code;
  const { stateMachineArn } = created.output;
  await account.ask('DescribeStateMachine', { stateMachineArn });
  const start = { stateMachineArn, name: 'run', input };
  if (type === 'EXPRESS') return (await account.ask('StartExecution', start)).code ?? 'express';
  const started = await account.ask('StartExecution', odd ? (mutated(random, start, start, 1) as JsonObject) : start);
  if (started.code !== undefined) return started.code;
  const executionArn = started.output.executionArn as string;
  const end = await account.finish(executionArn, MOST_TURNS);
  await account.ask('GetExecutionHistory', { executionArn, maxResults: 1000 });
  return end;
}

function definitionText(random: SeededRandom, original: Original, donor: Original): string {
  const times = random.below(4) === 0 ? 0 : 1 + random.below(random.below(3) === 0 ? 6 : 2);
  const text = JSON.stringify(mutated(random, original.definition, donor.definition, times)) ?? 'null';
  if (random.below(300) === 0) return deepText(random);
  return random.below(25) === 0 ? mutatedText(random, text) : text;
}

function inputText(random: SeededRandom, original: Original, donor: Original): string {
  switch (random.below(12)) {
    case 0:
      return JSON.stringify(oddInput(random));
    case 1:
      return mutatedText(random, JSON.stringify(original.input) ?? '{}');
    case 2:
      return JSON.stringify(donor.input) ?? '{}';
    case 3:
      return random.below(5) === 0 ? deepText(random) : '{}';
    case 4:
    case 5:
    case 6:
      return JSON.stringify(mutated(random, original.input, donor.input, 1 + random.below(3))) ?? '{}';
    default:
      return JSON.stringify(original.input) ?? '{}';
  }
}

function testStateInput(random: SeededRandom, definition: string, input: string): JsonObject {
  const names = [...definition.slice(0, MOST_SHOWN).matchAll(/"([A-Za-z0-9 ]+)":\{"Type"/g)].map(([, name]) => name);
  const request = {
    definition,
    input,
    ...(names.length > 0 && { stateName: names[random.below(names.length)] }),
    roleArn: ROLE,
    ...(random.below(2) === 0 && { mock: { result: JSON.stringify(oddInput(random)), fieldValidationMode: 'NONE' } }),
    ...(random.below(6) === 0 && { mock: { errorOutput: { error: 'E', cause: 'c' } } }),
    inspectionLevel: ['INFO', 'DEBUG', 'TRACE'][random.below(3)],
    ...(random.below(4) === 0 && { variables: JSON.stringify(oddInput(random)) }),
    ...(random.below(6) === 0 && { context: JSON.stringify(oddInput(random)) }),
  };
  return random.below(10) === 0 ? (mutated(random, request, request, 1) as JsonObject) : request;
}

/** What a definition must not do to the process that it runs in. */
function pollution(): string[] {
  const found = ['polluted', 'then', 'a'].filter((name) => name in Object.prototype || name in Array.prototype);
  for (const name of found) Reflect.deleteProperty(Object.prototype, name);
  return found.map((name) => `Object.prototype has a member ${name} now`);
}
