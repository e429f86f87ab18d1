import type { ConformanceFigures } from '../../local/support/conformance-figures.ts';
import { eventbridgeFuzz, eventbridgePatterns } from './eventbridge-patterns.ts';
import { eventbridgeTransformers } from './eventbridge-transformers.ts';
import { type StepFunctionsReport, stepFunctions } from './step-functions-suite.ts';
import { reasonToSkip, runSuite } from './suite.ts';

const KINDS = [
  ['execution', 'executions (status, output, error, cause, parameters sent)'],
  ['test_state', 'TestState (status, output, error, cause, next state, inspection data)'],
  ['create_invalid', 'definitions that AWS refuses, with its message'],
] as const;
const EVENTBRIDGE = [eventbridgePatterns, eventbridgeFuzz, eventbridgeTransformers];

/** Runs every suite on the shared recordings; undefined where one of them is not there. */
export async function measureFigures(): Promise<ConformanceFigures | undefined> {
  if ([stepFunctions, ...EVENTBRIDGE].some((suite) => reasonToSkip(suite))) return undefined;
  const report = (await runSuite(stepFunctions)) as StepFunctionsReport;
  const { histories, byKind } = report;
  const others = [];
  for (const suite of EVENTBRIDGE) others.push(await runSuite(suite));
  const { equal: passed, total } = histories;
  return {
    figures: [
      ...KINDS.map(([kind, means]) => ({
        suite: `step-functions: ${means}`,
        ...(byKind[kind] ?? { passed: 0, total: 0 }),
      })).map(({ suite, passed, total }) => ({ suite, passed, total })),
      { suite: 'step-functions: histories, event by event', passed, total },
      ...others.map(({ suite, passed, total }) => ({ suite, passed, total })),
    ],
    left: [
      ...[report, ...others].flatMap(({ failed }) => failed.map(({ id }) => ({ id, what: 'outcome' as const }))),
      ...histories.different.map(({ id }) => ({ id, what: 'history' as const })),
    ],
    notJudged: report.notJudged,
  };
}
