import fc from 'fast-check';
import { jsonata } from './expressions.ts';
import { type Fields, optional, record } from './state-specs.ts';
import type { ScriptedTask, TaskOutcome } from './task-script.ts';

// --- Tasks ---

const outcome: fc.Arbitrary<TaskOutcome> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('succeeds' as const),
      output: fc.constantFrom<unknown>(7, 'done', null, [3, 1, 2], { k: 4, deep: { er: [true] } }, {}),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fails' as const),
      error: fc.constantFrom('E1', 'E2', 'E3'),
      cause: fc.constantFrom('because', '{"json":true}', ''),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('silent' as const) }) },
);

export const task: fc.Arbitrary<ScriptedTask> = fc.record({
  outcomes: fc.array(outcome, { minLength: 1, maxLength: 4 }),
  heartbeats: fc.integer({ min: 0, max: 3 }),
});

const FUNCTION = 'arn:aws:lambda:eu-west-1:111111111111:function:work';
export const RESOURCES = [
  FUNCTION,
  FUNCTION,
  'arn:aws:states:::lambda:invoke',
  'arn:aws:states:::lambda:invoke.waitForTaskToken',
  'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  'arn:aws:states:::aws-sdk:dynamodb:getItem',
  'arn:aws:states:eu-west-1:111111111111:activity:work',
];

/** Only those who can send heartbeats are held to them. */
export const keepsAlive = (resource: unknown): boolean => /waitForTaskToken|activity/.test(String(resource));

const retrier = (last: boolean): fc.Arbitrary<Fields> =>
  record({
    ErrorEquals: last
      ? fc.constantFrom(['States.ALL'], ['E1', 'E2'])
      : fc.constantFrom(
          ['E1'],
          ['E2', 'States.Timeout'],
          ['States.TaskFailed'],
          ['States.HeartbeatTimeout'],
          ['States.QueryEvaluationError'],
        ),
    IntervalSeconds: optional(fc.integer({ min: 1, max: 30 })),
    MaxAttempts: optional(fc.integer({ min: 0, max: 3 })),
    BackoffRate: optional(fc.constantFrom(1, 1.5, 2.25)),
    MaxDelaySeconds: optional(fc.integer({ min: 31, max: 60 })),
    JitterStrategy: optional(fc.constantFrom('FULL', 'NONE')),
  });

export const retry = optional(
  fc.tuple(fc.array(retrier(false), { maxLength: 2 }), retrier(true)).map(([first, last]) => [...first, last]),
);

const CATCHES = [['States.ALL'], ['States.ALL'], ['E1'], ['States.Timeout', 'E2'], ['States.TaskFailed']];
const catchersWith = (more: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<readonly Fields[]> =>
  fc
    .array(record({ ErrorEquals: fc.constantFrom(...CATCHES), ...more }), { maxLength: 2 })
    .map((all) =>
      all.filter(({ ErrorEquals }, at) => (ErrorEquals as string[])[0] !== 'States.ALL' || at === all.length - 1),
    );

export const catchers = {
  JSONPath: catchersWith({
    ResultPath: fc.constantFrom<string | null | undefined>('$.error', '$.error', '$.obj.error', null),
    Assign: optional(fc.constant({ 'txt.$': '$.Error' })),
  }),
  JSONata: catchersWith({
    Output: fc.constantFrom(
      jsonata.keeping('error', '$states.errorOutput'),
      jsonata.keeping('error', '$states.errorOutput.Error'),
    ),
    Assign: optional(fc.constant({ txt: '{% $states.errorOutput.Error %}' })),
  }),
};

// --- Fields that many states have ---

export const assign = {
  JSONPath: optional(
    fc
      .constantFrom<Fields>({ 'txt.$': '$$.State.Name' }, { num: 5 }, { 'rec.t.$': '$txt' }, { arr: [8, 1, 1] })
      .map(wholeRecords),
  ),
  JSONata: optional(
    fc.oneof(
      jsonata.number.map((num) => ({ num })),
      jsonata.text.map((txt) => ({ txt, num: '{% $num + 1 %}' })),
      fc.constant({ arr: '{% $append($arr, $num) %}' }),
    ),
  ),
};

/** `rec` is assigned as a whole, with the members that paths lead to. */
function wholeRecords(fields: Fields): Fields {
  return 'rec.t.$' in fields ? { rec: { k: 1, 't.$': '$txt', rows: [{ n: 2 }] } } : fields;
}

export const paths = {
  InputPath: optional(fc.constantFrom<string | null>('$', '$', '$.obj', null), 5),
  OutputPath: optional(fc.constantFrom<string | null>('$', '$', '$', '$.obj', null), 5),
};

export const resultPath = fc.constantFrom<string | null | undefined>('$.r', '$.r', '$.obj.r', '$.x.y', null, null, '$');

/** Where the input still has its shape: neither reduced by an InputPath nor looked at before it was. */
export const keepsShape = (fields: Fields): Fields =>
  fields.InputPath === undefined || fields.InputPath === '$' ? fields : { ...fields, Parameters: undefined };
