import fc from 'fast-check';
import { jsonata, jsonPath } from './expressions.ts';
import { assign, catchers, keepsAlive, keepsShape, paths, RESOURCES, resultPath, retry, task } from './state-fields.ts';
import { type Fields, optional, present, record, state, type } from './state-specs.ts';

const timeouts = {
  JSONPath: fc.constantFrom<Fields>(
    {},
    {},
    { TimeoutSeconds: 60 },
    { TimeoutSeconds: 50, HeartbeatSeconds: 20 },
    { TimeoutSecondsPath: '$.sec' },
    { HeartbeatSecondsPath: '$.sec', TimeoutSeconds: 80 },
  ),
  JSONata: fc.constantFrom<Fields>(
    {},
    {},
    { TimeoutSeconds: 60 },
    { TimeoutSeconds: '{% $states.input.sec + 9 %}', HeartbeatSeconds: '{% $states.input.sec %}' },
    { HeartbeatSeconds: 15 },
  ),
};

const withTimeouts = ({ fields, limits }: { fields: Fields; limits: Fields }): Fields => {
  const all = { ...fields, ...limits };
  const kept = Object.entries(all).filter(([name]) => !name.startsWith('Heartbeat') || keepsAlive(fields.Resource));
  // The limits look into the effective input.
  return present(
    keepsShape(
      Object.fromEntries(
        (limits.TimeoutSecondsPath ?? limits.HeartbeatSecondsPath)
          ? kept.filter(([name]) => name !== 'InputPath')
          : kept,
      ),
    ),
  );
};

const waits = {
  JSONPath: fc.constantFrom<Fields>(
    { Seconds: 0 },
    { Seconds: 30 },
    { SecondsPath: '$.sec' },
    { Timestamp: '2026-01-01T00:01:00Z' },
    { TimestampPath: '$.when' },
    { TimestampPath: '$.s' },
  ),
  JSONata: fc.constantFrom<Fields>(
    { Seconds: 12 },
    { Seconds: '{% $states.input.sec * 2 %}' },
    { Seconds: '{% $states.input.sec %}' },
    { Timestamp: '{% $states.input.when %}' },
    { Timestamp: '2026-01-01T00:01:00Z' },
    { Seconds: '{% $states.input.s %}' },
  ),
};

const comparison = fc.oneof(
  fc
    .tuple(
      jsonPath.plain.number,
      fc.constantFrom('Equals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'),
      fc.integer({ min: -3, max: 12 }),
    )
    .map(([Variable, order, operand]): Fields => ({ Variable, [`Numeric${order}`]: operand })),
  fc
    .tuple(
      jsonPath.plain.number,
      fc.constantFrom('NumericEqualsPath', 'NumericLessThanPath', 'StringEqualsPath'),
      jsonPath.plain.number,
    )
    .map(([Variable, name, operand]): Fields => ({ Variable, [name]: operand })),
  fc
    .tuple(
      jsonPath.text,
      fc.constantFrom<Fields>(
        { StringEquals: 'hello' },
        { StringMatches: 'h*o' },
        { StringMatches: '*' },
        { StringLessThan: 'm' },
        { StringGreaterThanEqualsPath: '$.obj.t' },
        { IsString: true },
        { IsTimestamp: true },
      ),
    )
    .map(([Variable, rule]): Fields => ({ Variable, ...rule })),
  fc.constantFrom<Fields>(
    { Variable: '$.missing', IsPresent: false },
    { Variable: '$.r', IsPresent: true },
    { Variable: '$.b', BooleanEquals: true },
    { Variable: '$.b', IsBoolean: true },
    { Variable: '$.when', TimestampGreaterThan: '2026-01-01T00:00:00Z' },
    { Variable: '$.when', TimestampLessThanEqualsPath: '$$.State.EnteredTime' },
    { Variable: '$.obj', IsNull: false },
    { Variable: '$.n', IsNumeric: true },
  ),
);
const rule: fc.Arbitrary<Fields> = fc.oneof(
  { weight: 3, arbitrary: comparison },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('And', 'Or'), fc.array(comparison, { minLength: 1, maxLength: 3 }))
      .map(([name, all]) => ({ [name]: all })),
  },
  { weight: 1, arbitrary: comparison.map((Not) => ({ Not })) },
);

export const simple = {
  JSONPath: fc.oneof(
    state(
      type('Pass', {
        ...paths,
        ResultPath: resultPath,
        Parameters: optional(jsonPath.plain.template),
        Result: optional(fc.constantFrom<unknown>({ k: 3 }, [1, 2], 'fixed'), 5),
        Assign: assign.JSONPath,
      }).map((fields) => present(keepsShape(fields))),
    ),
    state(
      fc
        .tuple(type('Wait', { OutputPath: paths.OutputPath, Assign: assign.JSONPath }), waits.JSONPath)
        .map(([fields, wait]) => ({ ...fields, ...wait })),
    ),
    state(
      fc
        .record({
          fields: type('Task', {
            Resource: fc.constantFrom(...RESOURCES),
            ...paths,
            ResultPath: resultPath,
            Parameters: optional(jsonPath.template),
            ResultSelector: optional(
              fc.constantFrom<Fields>({ 'got.$': '$', fixed: 1 }, { 'txt.$': '$txt' }, { 'k.$': '$.k' }),
            ),
            Retry: retry,
            Assign: assign.JSONPath,
          }),
          limits: timeouts.JSONPath,
        })
        .map(withTimeouts),
      { task, catchers: catchers.JSONPath },
    ),
    state(type('Choice', { OutputPath: paths.OutputPath }), {
      choices: fc.array(
        fc.tuple(rule, assign.JSONPath).map(([one, Assign]) => present({ ...one, Assign })),
        { minLength: 1, maxLength: 3 },
      ),
      hasDefault: fc.integer({ min: 0, max: 9 }).map((draw) => draw > 0),
    }),
  ),
  JSONata: fc.oneof(
    state(
      type('Pass', {
        Output: fc.constantFrom(undefined, jsonata.keeping('r', '$num'), jsonata.keeping('r', "$states.input.s & 'x'")),
        Assign: assign.JSONata,
      }),
    ),
    state(
      fc
        .tuple(type('Wait', { Assign: assign.JSONata }), waits.JSONata)
        .map(([fields, wait]) => ({ ...fields, ...wait })),
    ),
    state(
      fc
        .record({
          fields: type('Task', {
            Resource: fc.constantFrom(...RESOURCES),
            Arguments: optional(jsonata.template),
            Output: fc.constantFrom(
              jsonata.keeping('r', '$states.result'),
              jsonata.keeping('r', '$string($states.result)'),
              jsonata.keeping('r', '$states.result.k'),
            ),
            Retry: retry,
            Assign: assign.JSONata,
          }),
          limits: timeouts.JSONata,
        })
        .map(withTimeouts),
      { task, catchers: catchers.JSONata },
    ),
    state(
      type('Choice', { Assign: assign.JSONata, Output: optional(fc.constant(jsonata.keeping('r', "'default'"))) }),
      {
        choices: fc.array(
          record({
            Condition: jsonata.condition,
            Assign: assign.JSONata,
            Output: optional(fc.constant(jsonata.keeping('r', "'chosen'"))),
          }),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
        hasDefault: fc.integer({ min: 0, max: 9 }).map((draw) => draw > 0),
      },
    ),
  ),
};

const succeeds = {
  JSONPath: state(type('Succeed', { ...paths })),
  JSONata: state(type('Succeed', { Output: optional(jsonata.template) })),
};

const fails = {
  JSONPath: state(
    fc.constantFrom<Fields>(
      { Type: 'Fail', Error: 'E2', Cause: 'it had to' },
      { Type: 'Fail', ErrorPath: '$.s', CausePath: "States.Format('{}!', $.obj.t)" },
      { Type: 'Fail', Error: 'E1' },
      { Type: 'Fail', Error: 'E3', CausePath: '$txt' },
    ),
  ),
  JSONata: state(
    fc.constantFrom<Fields>(
      { Type: 'Fail', Error: 'E2', Cause: 'it had to' },
      { Type: 'Fail', Error: "{% 'E' & '1' %}", Cause: '{% $txt & $states.input.s %}' },
      { Type: 'Fail', Error: '{% $states.input.n %}' },
    ),
  ),
};

export const terminal = {
  JSONPath: fc.oneof({ weight: 3, arbitrary: succeeds.JSONPath }, { weight: 1, arbitrary: fails.JSONPath }),
  JSONata: fc.oneof({ weight: 3, arbitrary: succeeds.JSONata }, { weight: 1, arbitrary: fails.JSONata }),
};
