import { describe, expect, it } from 'vitest';
import { eventbridgeFuzz, eventbridgePatterns } from './eventbridge-patterns.ts';
import { eventbridgeTransformers } from './eventbridge-transformers.ts';
import { reasonToSkip, runSuite } from './suite.ts';

describe.each([eventbridgePatterns, eventbridgeFuzz, eventbridgeTransformers])('$name', (suite) => {
  it('answers every recorded case as EventBridge does', async ({ skip }) => {
    const reason = reasonToSkip(suite);
    if (reason) skip(reason);

    const report = await runSuite(suite);

    expect(report.failed).toEqual([]);
    expect(report.total).toBeGreaterThan(0);
  });
});
