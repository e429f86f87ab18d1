import { refusalMessage, validateDefinition } from '../../local/step-functions/definition/validate-definition.ts';
import {
  type Case,
  definitionText,
  isNotJudged,
  messageOf,
  type NotJudged,
  readCase,
  type Verdict,
} from './step-functions-case.ts';
import { judgeExecution } from './step-functions-execution.ts';
import { difference, masksOf } from './step-functions-masks.ts';
import { judgeTestState } from './step-functions-test-state.ts';
import type { Suite, SuiteReport } from './suite.ts';

export interface StepFunctionsReport extends SuiteReport {
  /** Cases that nothing recorded could judge, with the reason. */
  readonly notJudged: readonly NotJudged[];
  /** Histories compared event by event, beside the outcome. */
  readonly histories: {
    readonly total: number;
    readonly equal: number;
    readonly different: readonly { readonly id: string; readonly at: string }[];
  };
  readonly byKind: Readonly<Record<string, { readonly total: number; readonly passed: number }>>;
}

/** `entries` are the cases of a file, each as it stands there. */
export async function runStepFunctionsCases(entries: readonly unknown[]): Promise<StepFunctionsReport> {
  const failed: { id: string; expected: unknown; actual: unknown }[] = [];
  const different: { id: string; at: string }[] = [];
  const notJudged: NotJudged[] = [];
  const byKind: Record<string, { total: number; passed: number }> = {};
  let histories = 0;
  for (const [index, entry] of entries.entries()) {
    const one = readCase(entry, index);
    if (isNotJudged(one)) {
      notJudged.push(one);
      continue;
    }
    const verdict = await judge(one);
    byKind[one.kind] ??= { total: 0, passed: 0 };
    const kind = byKind[one.kind]!;
    kind.total += 1;
    if (verdict.outcome === undefined) kind.passed += 1;
    else
      failed.push({
        id: one.id,
        expected: one.expected,
        actual: { difference: verdict.outcome, ...(verdict.actual as object) },
      });
    if (!one.history || one.kind !== 'execution') continue;
    histories += 1;
    if (verdict.history !== undefined) different.push({ id: one.id, at: verdict.history });
  }
  const total = Object.values(byKind).reduce((sum, kind) => sum + kind.total, 0);
  return {
    suite: 'step-functions',
    total,
    passed: total - failed.length,
    failed,
    notJudged,
    histories: { total: histories, equal: histories - different.length, different },
    byKind,
  };
}

/** Status, output, error, cause, refusals and the parameters sent decide whether a case passes; histories are counted beside. */
export const stepFunctions: Suite = {
  name: 'step-functions',
  file: 'step-functions/executions.json.gz',
  moreFiles: ['step-functions/test-state.json.gz', 'step-functions/create-invalid.json.gz'],
  run: (file) => runStepFunctionsCases(casesOf(file)),
};

function casesOf(file: unknown): readonly unknown[] {
  const cases = Array.isArray(file) ? file : (file as { cases?: unknown } | null)?.cases;
  if (Array.isArray(cases)) return cases;
  throw new Error(
    'The file has no cases: it must hold { "cases": [...] }, as the README of the conformance folder says.',
  );
}

async function judge(one: Case): Promise<Verdict> {
  try {
    if (one.kind === 'execution') return await judgeExecution(one);
    if (one.kind === 'create_invalid') return judgeCreation(one);
    return await judgeTestState(one);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { outcome: `threw ${text}`, history: 'threw', actual: {} };
  }
}

function judgeCreation(one: Case): Verdict {
  const expected = messageOf(one.expected);
  const actual = refusalMessage(validateDefinition(definitionText(one), one.type).issues);
  return { outcome: difference(expected, actual, masksOf(one)), history: undefined, actual: { message: actual } };
}
