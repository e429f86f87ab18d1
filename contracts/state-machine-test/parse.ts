import type * as v from 'valibot';
import type { Finding } from '../model-definition/cross-checks.ts';
import { type DefinitionProblem, lineOf, located } from '../model-definition/parse.ts';
import { checkSchema } from '../model-definition/schema-findings.ts';
import { readYaml } from '../model-definition/yaml-text.ts';
import {
  mocksSchema,
  type StateMachineCase,
  type StateMachineTest,
  type StateMock,
  type StateMocks,
  stateMachineTestSchema,
} from './schema.ts';

type Path = readonly (string | number)[];

export type Parsed<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** A further problem of the file, as `file:line:column place: message`. */
      readonly problemAt: (finding: Finding) => string;
    }
  | { readonly ok: false; readonly message: string };

const EXAMPLE = 'statemachines/train-model.test.yml';

/** Reads a file of state machine tests (YAML or JSON). All problems at once, each as `file:line:column place: …`. */
export const parseStateMachineTest = (text: string, fileName: string): Parsed<StateMachineTest> =>
  parse(text, fileName, stateMachineTestSchema, testFindings);

/** Reads a file that holds nothing but mocks, by the state's name. */
export const parseStateMocks = (text: string, fileName: string): Parsed<StateMocks> =>
  parse(text, fileName, mocksSchema, (mocks) => mockFindings(mocks, []));

function parse<T>(
  text: string,
  fileName: string,
  schema: v.BaseSchema<unknown, T, v.BaseIssue<unknown>>,
  crossCheck: (value: T) => Finding[],
): Parsed<T> {
  const yaml = readYaml(text, EXAMPLE);
  const told = (problems: readonly DefinitionProblem[]) => ({
    ok: false as const,
    message: [...problems]
      .sort((a, b) => a.line - b.line || a.column - b.column)
      .map((problem) => lineOf(fileName, problem))
      .join('\n'),
  });
  if (!yaml.ok) return told(yaml.problems);
  const { output, findings } = checkSchema(schema, yaml.value);
  const all = output === undefined ? findings : [...findings, ...crossCheck(output).filter(isNewTo(findings))];
  if (output === undefined || all.length > 0) return told(all.map((finding) => located(finding, yaml)));
  return { ok: true, value: output, problemAt: (finding) => lineOf(fileName, located(finding, yaml)) };
}

/** What lacks a field may only have it misspelled, which was said already. */
const isNewTo =
  (findings: readonly Finding[]) =>
  ({ path }: Finding): boolean =>
    !findings.some((other) => path.every((key, index) => other.path[index] === key));

function testFindings({ mocks, cases }: StateMachineTest): Finding[] {
  const seen = new Set<string>();
  return [
    ...mockFindings(mocks ?? {}, ['mocks']),
    ...cases.flatMap((one, index) => {
      const path: Path = ['cases', index];
      const repeated = seen.has(one.name)
        ? [{ path: [...path, 'name'], message: `another case is called \`${one.name}\`` }]
        : [];
      seen.add(one.name);
      return [...repeated, ...mockFindings(one.mocks ?? {}, [...path, 'mocks']), ...kindFindings(one, path)];
    }),
  ];
}

/** What holds only for one state, or only for the whole machine. */
function kindFindings(one: StateMachineCase, path: Path): Finding[] {
  const { status } = one.expect ?? {};
  if (one.state !== undefined) {
    const of = one.expect?.path === undefined ? [] : ['path'];
    const ended = status === 'TIMED_OUT' || status === 'ABORTED' ? ['status'] : [];
    return [...of, ...ended].map((name) => ({
      path: [...path, 'expect', name],
      message: `a test of one state (\`state\`) has no such \`${name}\``,
    }));
  }
  const outside = (['variables', 'retries'] as const).filter((name) => one[name] !== undefined);
  const expected = (['next', 'variables'] as const).filter((name) => one.expect?.[name] !== undefined);
  return [
    ...outside.map((name) => ({
      path: [...path, name],
      message: `\`${name}\` is for a test of one state, with \`state\``,
    })),
    ...expected.map((name) => ({
      path: [...path, 'expect', name],
      message: `\`${name}\` is for a test of one state, with \`state\``,
    })),
    ...(status === 'RETRIABLE' || status === 'CAUGHT_ERROR'
      ? [{ path: [...path, 'expect', 'status'], message: `only one state, with \`state\`, can be ${status}` }]
      : []),
  ];
}

const mockFindings = (mocks: StateMocks, path: Path): Finding[] =>
  Object.entries(mocks).flatMap(([state, given]) =>
    Array.isArray(given)
      ? given.flatMap((mock, index) => mockFinding(mock, [...path, state, index]))
      : mockFinding(given as StateMock, [...path, state]),
  );

function mockFinding(mock: StateMock, path: Path): Finding[] {
  const given = (['result', 'payload', 'error', 'noAnswer'] as const).filter((name) => mock[name] !== undefined);
  if (given.length > 1)
    return [{ path, message: `has ${given.map((name) => `\`${name}\``).join(' and ')}: one of them must go` }];
  if (given.length === 0)
    return [{ path, message: 'says nothing', hint: 'give it one of `result`, `payload`, `error` and `noAnswer`' }];
  return mock.cause !== undefined && mock.error === undefined
    ? [{ path: [...path, 'cause'], message: 'a `cause` belongs to an `error`' }]
    : [];
}
