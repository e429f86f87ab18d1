import { expect, it } from 'vitest';
import type { JsonObject } from '../service.ts';
import { one, ROLE, TestAccount } from './test-account.ts';

/** What `npm run fuzz` and `npm run laws` have found, in small. */
const jsonata = (state: JsonObject): JsonObject => one({ End: true, ...state });

async function ended(definition: JsonObject, input: unknown = {}): Promise<JsonObject> {
  const account = new TestAccount();
  const run = await account.start(await account.machine('m', definition), input);
  while (account.clock.next()) await account.settled();
  return account.describe(run);
}

it('takes no Type that only reads like one', async () => {
  const definition = JSON.stringify({ StartAt: 'P', States: { P: { Type: [['Pass']], End: true } } });
  expect(await new TestAccount().refusal('CreateStateMachine', { name: 'm', definition, roleArn: ROLE })).toContain(
    'InvalidDefinition: ',
  );
});

it('ends an execution at its TimeoutSeconds, whatever it waited for before', async () => {
  const account = new TestAccount();
  const branch = { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 600, End: true } } };
  const definition = {
    TimeoutSeconds: 45,
    StartAt: 'Short',
    States: {
      Short: { Type: 'Wait', Seconds: 12, Next: 'Both' },
      Both: { Type: 'Parallel', Branches: [branch], End: true },
    },
  };
  const begunMs = account.clock.now();
  const run = await account.start(await account.machine('m', definition));
  while (account.clock.next()) await account.settled();
  const { status, stopDate } = await account.describe(run);
  expect(status).toBe('TIMED_OUT');
  expect((stopDate as Date).getTime() - begunMs).toBe(45_000);
});

it.each([
  ['Seconds of a Wait', jsonata({ Type: 'Wait', Seconds: '{% 100000000 %}' }), 'Wait state delay is too long.'],
  [
    'TimeoutSeconds of a Task',
    jsonata({
      Type: 'Task',
      Resource: 'arn:aws:lambda:eu-west-1:111111111111:function:f',
      TimeoutSeconds: '{% 100000000 %}',
    }),
    'not between 1 and 99999999 seconds',
  ],
])('fails where the %s come to more than 99,999,999', async (_field, definition, cause) => {
  const { status, cause: told } = await ended(definition);
  expect(status).toBe('FAILED');
  expect(told).toContain(cause);
});

it('keeps a cause to the 32,768 characters that AWS has room for', async () => {
  const { status, error, cause } = await ended(jsonata({ Type: 'Wait', Seconds: "{% $pad('', 900000, 'x') %}" }));
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  expect(cause).toHaveLength(32_768);
});

it('fails a state whose data nobody could write down, and takes no such input', async () => {
  const deep = '['.repeat(60_000) + ']'.repeat(60_000);
  const definition = jsonata({ Type: 'Pass', Output: '{% $parse($states.input.json) %}' });
  const { status, error } = await ended(definition, { json: deep });
  expect(status).toBe('FAILED');
  expect(error).toMatch(/^States\./);
  const account = new TestAccount();
  const stateMachineArn = await account.machine('m', definition);
  expect(await account.refusal('StartExecution', { stateMachineArn, input: deep })).toBe(
    "InvalidExecutionInput: Invalid State Machine Execution Input: 'Document nesting depth (1001) exceeds the maximum allowed (1000)'",
  );
});

it('knows no algorithm __proto__', async () => {
  const hash = { 'a.$': "States.Hash('x', '__proto__')" };
  const definition = { StartAt: 'P', States: { P: { Type: 'Pass', Parameters: hash, End: true } } };
  expect(await ended(definition)).toMatchObject({ status: 'FAILED', error: 'States.IntrinsicFailure' });
});

it('puts an error of a branch’s own Catch to the Retry and Catch around the branch', async () => {
  const broken = { ErrorEquals: ['States.ALL'], Output: '{% $states.input.missing %}', Next: 'After' };
  const branch = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Items: '{% $states.input.missing %}',
        ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } },
        Catch: [broken],
        Next: 'After',
      },
      After: { Type: 'Pass', End: true },
    },
  };
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [branch],
        Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 2 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.context.State.RetryCount %}', Next: 'Done' }],
        End: true,
      },
      Done: { Type: 'Succeed' },
    },
  };
  expect(await ended(definition)).toMatchObject({ status: 'SUCCEEDED', output: '2' });
});
