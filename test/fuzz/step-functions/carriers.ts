import { CALLS, EXPRESSIONS, NAMES, NUMBERS, PATHS, TEXTS } from './poison.ts';

/** A definition that is (or should be) good, and an input of its. */
export interface Original {
  readonly definition: unknown;
  readonly input: unknown;
}

const INPUT = {
  n: 1,
  s: `${'a'.repeat(40)}!`,
  list: [1, 2, { n: 3, s: `${'a'.repeat(40)}!` }],
  json: '['.repeat(50_000) + ']'.repeat(50_000),
  a: { b: 1 },
};

const alone = (state: Record<string, unknown>): Original => ({
  definition: { StartAt: 'Only', States: { Only: { End: true, ...state } } },
  input: INPUT,
});
const choice = (rule: Record<string, unknown>): Original => ({
  definition: {
    StartAt: 'Only',
    States: { Only: { Type: 'Choice', Choices: [{ ...rule, Next: 'Next' }] }, Next: { Type: 'Succeed' } },
  },
  input: INPUT,
});

/** The member under its name, also where that is `__proto__`. */
const named = (name: string, value: unknown): Record<string, unknown> => Object.fromEntries([[name, value]]);

/** Each odd value by itself, in each place that reads such. */
export const CARRIERS: readonly Original[] = [
  ...EXPRESSIONS.flatMap((text) => [
    alone({ Type: 'Pass', QueryLanguage: 'JSONata', Output: `{% ${text} %}` }),
    alone({ Type: 'Wait', QueryLanguage: 'JSONata', Seconds: `{% ${text} %}`, Assign: { a: `{% ${text} %}` } }),
  ]),
  ...PATHS.flatMap((path) => [
    alone({ Type: 'Pass', InputPath: path }),
    alone({ Type: 'Pass', Parameters: { 'a.$': path }, ResultPath: path }),
    choice({ Variable: path, IsPresent: true }),
  ]),
  ...CALLS.map((call) => alone({ Type: 'Pass', Parameters: { 'a.$': call } })),
  ...NAMES.flatMap((name) => [
    { definition: { StartAt: name, States: named(name, { Type: 'Pass', End: true }) }, input: named(name, {}) },
    alone({ Type: 'Pass', Assign: named(name, 1), Parameters: named(`${name}.$`, '$.n') }),
    alone({
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Assign: named(name, 1),
      Output: named(name, '{% $states.input %}'),
    }),
  ]),
  ...TEXTS.flatMap((text) => [
    alone({ Type: 'Task', Resource: text }),
    choice({ Variable: '$.s', StringMatches: `*${text}*a*a*a*a*` }),
    alone({ Type: 'Wait', Timestamp: text }),
  ]),
  ...NUMBERS.flatMap((number) => [
    alone({ Type: 'Wait', Seconds: number }),
    alone({ Type: 'Wait', QueryLanguage: 'JSONata', Seconds: `{% ${number} %}` }),
    { ...alone({ Type: 'Wait', SecondsPath: '$.n' }), input: { n: number } },
    alone({
      Type: 'Task',
      Resource: 'arn:aws:lambda:eu-west-1:111111111111:function:work',
      TimeoutSeconds: number,
      HeartbeatSeconds: number,
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: number, MaxAttempts: number, BackoffRate: number }],
    }),
    alone({
      Type: 'Map',
      ItemsPath: '$.list',
      MaxConcurrency: number,
      ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } },
    }),
  ]),
];
