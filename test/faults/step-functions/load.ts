import { ACCOUNT, REGION } from '../killed-account.ts';

/**
 * What runs while the runtime is killed: a machine with every way of waiting and branching in one execution, of a few seconds, whose output
 * follows from its input alone.
 */
export const ARN = {
  machine: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:everything`,
  child: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:child`,
  activity: `arn:aws:states:${REGION}:${ACCOUNT}:activity:by-hand`,
};

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:work`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/load`;

/** Names this attempt, for ever: what a second invocation of it is recognised by. */
const KEY =
  `{% $join([$states.context.Execution.Name, $states.context.State.Name, $string($states.context.State.EnteredTime),
  $string($states.context.State.RetryCount), $string($states.context.Map.Item.Index)], ' ') %}`.replaceAll('\n', '');

const work = (more: Record<string, unknown>, payload: Record<string, unknown> = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: {
    FunctionName: FUNCTION,
    Payload: {
      key: KEY,
      n: '{% $states.input.n %}',
      ms: 150,
      attempt: '{% $states.context.State.RetryCount %}',
      ...payload,
    },
  },
  Output: '{% $states.result.Payload %}',
  ...more,
});

const CHILD = {
  QueryLanguage: 'JSONata',
  StartAt: 'Rest',
  States: {
    Rest: { Type: 'Wait', Seconds: 1, Next: 'InChild' },
    InChild: work({ End: true }, { n: '{% $states.input.n + 100 %}' }),
  },
};

const branch = (name: string, state: Record<string, unknown>) => ({ StartAt: name, States: { [name]: state } });

const BRANCHES = [
  branch(
    'Flaky',
    work(
      {
        Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 1, JitterStrategy: 'FULL' }],
        End: true,
      },
      { kind: 'flaky' },
    ),
  ),
  branch(
    'Ask',
    work(
      { Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', Output: '{% $states.result %}', End: true },
      { kind: 'ask', token: '{% $states.context.Task.Token %}' },
    ),
  ),
  branch('ByHand', {
    Type: 'Task',
    Resource: ARN.activity,
    Arguments: { n: '{% $states.input.n %}' },
    // Of a worker whose task was lost on the way to it nothing is heard again.
    TimeoutSeconds: 4,
    Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 99, BackoffRate: 1 }],
    End: true,
  }),
  {
    StartAt: 'Later',
    States: {
      Later: { Type: 'Wait', Seconds: 2, Next: 'Direct' },
      Direct: {
        Type: 'Task',
        Resource: FUNCTION,
        Arguments: { key: KEY, n: '{% $states.input.n %}', ms: 5 },
        End: true,
      },
    },
  },
];

const items = (name: string, mode: Record<string, unknown>, more: Record<string, unknown>) => ({
  Type: 'Map',
  ItemSelector: { n: '{% $states.context.Map.Item.Value %}', index: '{% $states.context.Map.Item.Index %}' },
  ItemProcessor: {
    ...mode,
    ...branch(name, work({ End: true }, { key: `${KEY.slice(0, -2)} & ' ' & $string($states.input.index) %}` })),
  },
  ...more,
});

const EVERYTHING = {
  QueryLanguage: 'JSONata',
  StartAt: 'First',
  States: {
    First: work({
      Assign: { n: '{% $states.input.n %}', first: '{% $states.result.Payload %}' },
      Output: '{% $states.input %}',
      Next: 'Both',
    }),
    Both: { Type: 'Parallel', Branches: BRANCHES, Assign: { both: '{% $states.result %}' }, Output: {}, Next: 'Each' },
    Each: items(
      'One',
      {},
      {
        Items: '{% [$n, $n + 1, $n + 2, $n + 3] %}',
        MaxConcurrency: 2,
        Assign: { each: '{% $states.result %}' },
        Output: {},
        Next: 'Nested',
      },
    ),
    Nested: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Arguments: { StateMachineArn: ARN.child, Input: { n: '{% $n %}' } },
      Assign: { nested: '{% $states.result.Output %}' },
      Output: {},
      Next: 'Spread',
    },
    Spread: items(
      'Apart',
      { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      {
        Items: '{% [$n, $n * 2, $n * 3] %}',
        MaxConcurrency: 2,
        Assign: { spread: '{% $states.result %}' },
        Output: {},
        Next: 'Last',
      },
    ),
    Last: {
      Type: 'Succeed',
      Output: {
        first: '{% $first %}',
        both: '{% $both %}',
        each: '{% $each %}',
        nested: '{% $nested %}',
        spread: '{% $spread %}',
      },
    },
  },
};

/** What an execution with this `n` must end with. */
export const expectedOutput = (n: number): unknown => ({
  first: 2 * n,
  both: [2 * n, n + 1, n + 2, 2 * n],
  each: [n, n + 1, n + 2, n + 3].map((one) => 2 * one),
  nested: 2 * (n + 100),
  spread: [n, n * 2, n * 3].map((one) => 2 * one),
});

/** Invocations by hand and nested runs that belong to one execution. */
export const CHILDREN_OF_EACH = { nested: 1, spread: 3 };

const CODE = `
const { appendFileSync } = require('node:fs');
const write = (file, line) => appendFileSync(process.env.RECORDS + '/' + file, JSON.stringify(line) + '\\n');
exports.handler = async (event) => {
  if (event['detail-type']) return write('status-events', { arn: event.detail.executionArn, status: event.detail.status });
  const { key, kind, n, ms, attempt, token } = event;
  write('invocations', { key, atMs: Date.now() });
  if (kind === 'ask') return write('tokens', { token, n });
  if (kind === 'flaky' && attempt < 2) throw Object.assign(new Error('not yet'), { name: 'Busy' });
  await new Promise((resolve) => setTimeout(resolve, ms));
  return n * 2;
};
`;

const everybody = {
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { Service: ['states.amazonaws.com', 'lambda.amazonaws.com'] },
};

/** The stack. `records` is the folder in which the function writes down what it is asked. */
export const template = (records: string): Record<string, unknown> => ({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'load',
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [everybody] },
        Policies: [
          {
            PolicyName: 'all',
            PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
          },
        ],
      },
    },
    Work: {
      Type: 'AWS::Lambda::Function',
      DependsOn: ['Role'],
      Properties: {
        FunctionName: 'work',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: ROLE,
        Timeout: 60,
        Code: { ZipFile: CODE },
        Environment: { Variables: { RECORDS: records } },
      },
    },
    Activity: { Type: 'AWS::StepFunctions::Activity', Properties: { Name: 'by-hand' } },
    Child: {
      Type: 'AWS::StepFunctions::StateMachine',
      DependsOn: ['Role', 'Work'],
      Properties: { StateMachineName: 'child', RoleArn: ROLE, DefinitionString: JSON.stringify(CHILD) },
    },
    Everything: {
      Type: 'AWS::StepFunctions::StateMachine',
      DependsOn: ['Role', 'Work', 'Child', 'Activity'],
      Properties: { StateMachineName: 'everything', RoleArn: ROLE, DefinitionString: JSON.stringify(EVERYTHING) },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'status',
        EventPattern: { source: ['aws.states'] },
        State: 'ENABLED',
        Targets: [{ Id: 'work', Arn: FUNCTION }],
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      DependsOn: ['Work', 'Rule'],
      Properties: { Action: 'lambda:InvokeFunction', FunctionName: 'work', Principal: 'events.amazonaws.com' },
    },
  },
});
