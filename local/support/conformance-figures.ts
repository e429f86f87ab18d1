/** What `npm run conformance -- SUITE --json` said, by hand: the recordings are not part of the repository. */
export const CONFORMANCE = {
  measuredOn: '2026-11-23',
  suites: ['step-functions', 'eventbridge-patterns', 'eventbridge-fuzz', 'eventbridge-transformers'],
  figures: [
    { suite: 'step-functions: executions (status, output, error, cause, parameters sent)', passed: 822, total: 822 },
    { suite: 'step-functions: histories, event by event', passed: 448, total: 455 },
    { suite: 'step-functions: definitions that AWS refuses, with its message', passed: 75, total: 75 },
    { suite: 'step-functions: TestState', passed: 0, total: 42 },
    { suite: 'eventbridge-patterns', passed: 654, total: 654 },
    { suite: 'eventbridge-fuzz', passed: 2282, total: 2282 },
    { suite: 'eventbridge-transformers', passed: 33, total: 33 },
  ],
  remarks: [
    'TestState is refused, so none of its recordings is met.',
    'Not judged: 97 of the Step Functions recordings, which need a service’s own data (25), could not be mocked (58), use a mock configuration (8), depend on when they were recorded (5) or on a person (1).',
  ],
} as const;
