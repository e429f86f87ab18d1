import { describe, expect, it } from 'vitest';
import { type StepFunctionsReport, stepFunctions } from './step-functions-suite.ts';
import { reasonToSkip, runSuite } from './suite.ts';

/** What passes now. These only go up. */
const FLOOR = { execution: 856, test_state: 104, create_invalid: 75, histories: 485 };

const skip = reasonToSkip(stepFunctions);

describe(`Step Functions against what AWS was recorded doing${skip ? ` (skipped: ${skip})` : ''}`, () => {
  it.skipIf(skip !== undefined)('meets no fewer recordings than before', { timeout: 60_000 }, async () => {
    const report = (await runSuite(stepFunctions)) as StepFunctionsReport;
    const failed = report.failed.map(({ id }) => id).join('\n');
    for (const kind of ['execution', 'create_invalid', 'test_state'] as const) {
      expect(report.byKind[kind]?.passed, `${kind}; not met:\n${failed}`).toBeGreaterThanOrEqual(FLOOR[kind]);
    }
    expect(report.histories.equal).toBeGreaterThanOrEqual(FLOOR.histories);
  });
});
