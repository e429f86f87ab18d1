import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runSluice } from '../../test/support/recording-cli.ts';

const ORDER = `
QueryLanguage: JSONata
StartAt: CoolOff
States:
  CoolOff: { Type: Wait, Seconds: 86400, Next: Charge }
  Charge:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Arguments:
      FunctionName: !GetAtt ChargeFunction.Arn
      Payload: { id: '{% $states.input.id %}' }
    Retry: [{ ErrorEquals: [Busy], IntervalSeconds: 60, MaxAttempts: 2 }]
    Catch: [{ ErrorEquals: [States.ALL], Next: Refused }]
    Output: '{% $states.result.Payload %}'
    Next: Approve
  Approve:
    Type: Task
    Resource: arn:aws:states:::sqs:sendMessage.waitForTaskToken
    TimeoutSeconds: 600
    Arguments: { QueueUrl: '\${ApprovalQueue}', MessageBody: '{% $states.context.Task.Token %}' }
    Next: Ship
  Ship:
    Type: Parallel
    End: true
    Branches:
      - StartAt: Pack
        States: { Pack: { Type: Pass, Output: packed, End: true } }
  Refused: { Type: Fail, Error: Refused }
`;

let folder: string;
const nowhere = () => ({ home: join(folder, 'not-there') });
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const run = (...args: string[]) => runSluice(['state-machine', 'test', ...args], nowhere());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-machine-'));
  write('order.asl.yml', ORDER);
});

const mocks = `
mocks:
  Charge: { payload: { paid: true } }
  Approve: { result: yes, afterSeconds: 300 }`;

describe('a file of cases', () => {
  test('passes where the machine does what is expected, in no time', async () => {
    const file = write(
      'order.test.yml',
      `definition: order.asl.yml${mocks}
substitutions: { ApprovalQueue: 'https://queue' }
cases:
  - name: an order is shipped
    input: { id: 7 }
    expect:
      status: SUCCEEDED
      output: [packed]
      path: [CoolOff, Charge, Approve, Ship, Pack]
      sent: { Charge: { Payload: { id: 7 } }, Approve: { QueueUrl: 'https://queue' } }
`,
    );
    const { exitCode, out } = await run(file);
    expect(out).toContain('✓ an order is shipped (5 states, 1 d 00 h)');
    expect(exitCode).toBe(0);
  });

  test('fails with what was expected and what was, and with what each state got and gave', async () => {
    const file = write(
      'order.test.yml',
      `definition: order.asl.yml${mocks}
cases:
  - name: an order is shipped
    input: { id: 7 }
    expect: { output: [lost], sent: { Charge: { Payload: { id: 8 } } } }
  - name: another one
    input: { id: 7 }
`,
    );
    const { exitCode, out } = await run(file);
    expect(exitCode).toBe(1);
    expect(out).toContain('  output[0]\n    expected "lost"\n    was      "packed"');
    expect(out).toContain('  sent.Charge.Payload.id\n    expected 8\n    was      7');
    expect(out).toMatch(/^ {2}Charge +1 +\{"id":7\} .*\{"paid":true\}$/m);
    expect(out).toContain('✓ another one');
    expect(out).toContain('1 of 2 failed');
  });

  test('answers each call in turn from a list, and says when the list is too short', async () => {
    const cases = (list: string) => `definition: order.asl.yml${mocks}
cases:
  - name: busy
    input: { id: 7 }
    mocks: { Charge: ${list} }
`;
    const enough = write('enough.test.yml', cases('[{ error: Busy }, { error: Busy }, { payload: {} }]'));
    const { passed, cases: ran } = (await run(enough, '--json')).json<{
      passed: boolean;
      cases: { durationMs: number }[];
    }>();
    // A day, then a minute and two between the attempts, then five until the approval.
    expect({ passed, durationMs: ran[0]?.durationMs }).toEqual({
      passed: true,
      durationMs: 86_400_000 + 180_000 + 300_000,
    });
    const short = await run(write('short.test.yml', cases('[{ error: Busy }]')));
    expect(short.exitCode).toBe(1);
    expect(short.out).toContain('Charge is called 2 times, and its list of mocks has 1');
  });

  test('lets a task time out that nobody answers', async () => {
    const file = write(
      'order.test.yml',
      `definition: order.asl.yml${mocks}
cases:
  - name: nobody approves
    input: { id: 7 }
    mocks: { Approve: { noAnswer: true } }
    expect: { status: FAILED, error: States.Timeout }
`,
    );
    expect(await run(file)).toMatchObject({ exitCode: 0, err: '' });
  });

  test('tests one state by itself', async () => {
    const file = write(
      'order.test.yml',
      `definition: order.asl.yml
cases:
  - name: Charge is tried again when it is busy
    state: Charge
    input: { id: 7 }
    retries: 1
    mocks: { Charge: { error: Busy } }
    expect: { status: RETRIABLE, error: Busy, sent: { Charge: { Payload: { id: 7 } } } }
  - name: Charge goes elsewhere when it is declined
    state: Charge
    input: { id: 7 }
    mocks: { Charge: { error: Declined, cause: no money } }
    expect: { status: CAUGHT_ERROR, next: Refused, output: { Error: Declined, Cause: no money } }
  - name: CoolOff waits for its day in no time
    state: CoolOff
    input: { id: 7 }
    expect: { next: Charge, output: { id: 7 } }
`,
    );
    const { exitCode, out } = await run(file);
    expect(out).toContain('3 passed');
    expect(exitCode).toBe(0);
  });

  test.each([
    {
      $case: 'a field that there is not',
      change: 'expcet: {}',
      says: /:\d+:5 cases\.0\.expcet: unknown field `expcet` — did you mean `expect`/,
    },
    {
      $case: 'a mock of a state that there is not',
      change: 'mocks: { Chrage: { result: 1 } }',
      says: /:\d+:14 cases\.0\.mocks\.Chrage: the definition has no state `Chrage`/,
    },
    {
      $case: 'a mock with two answers',
      change: 'mocks: { Charge: { result: 1, error: E } }',
      says: /has `result` and `error`: one of them must go/,
    },
    {
      $case: 'a mock without an answer',
      change: 'mocks: { Charge: { afterSeconds: 1 } }',
      says: /says nothing — give it one of/,
    },
    {
      $case: 'a status that a machine cannot have',
      change: 'expect: { status: RETRIABLE }',
      says: /only one state, with `state`, can be RETRIABLE/,
    },
    { $case: 'a state that there is not', change: 'state: Chrage', says: /the definition has no state `Chrage`/ },
  ])('is refused for $case, with its place', async ({ change, says }) => {
    const file = write('order.test.yml', `definition: order.asl.yml\ncases:\n  - name: one\n    ${change}\n`);
    const { exitCode, out, err } = await run(file);
    expect(err).toMatch(says);
    expect(err).toContain(`${file}:`);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
  });
});

describe('a definition', () => {
  test('is run as the options say', async () => {
    const args = ['--input', '{"id":7}', '--mock', 'Charge={"payload":{"paid":true}}', '--mock', 'Approve={result: 1}'];
    const { exitCode, out } = await run(join(folder, 'order.asl.yml'), ...args);
    expect(out).toContain('SUCCEEDED\n  output ["packed"]');
    expect(exitCode).toBe(0);
  });

  test('that lacks a mock says which, and what to write', async () => {
    const { exitCode, out } = await run(join(folder, 'order.asl.yml'), '--input', '{"id":7}');
    expect(out).toContain('There is no mock for Charge.');
    expect(out).toContain(`--mock 'Charge={"payload":{}}'`);
    expect(exitCode).toBe(1);
  });

  test('that Step Functions would not take is refused with every place', async () => {
    const file = write(
      'wrong.asl.yml',
      ORDER.replace('Next: Charge', 'Next: Chrage').replace('Type: Fail', 'Type: Fial'),
    );
    const { exitCode, err } = await run(file);
    expect(exitCode).toBe(2);
    expect(err).toMatch(/wrong\.asl\.yml:5:48 \/States\/CoolOff\/Next: Missing 'Next' target: Chrage/);
    expect(err).toMatch(/wrong\.asl\.yml:\d+:\d+ \/States\/Refused\/Type: Value is not valid/);
  });

  test.each([
    { $case: 'an input that is no JSON', args: ['--input', '{id'], says: '--input is no JSON' },
    { $case: 'a state that it has not', args: ['--state', 'Chrage'], says: 'It has: CoolOff, Charge, Approve, Ship' },
    { $case: 'a mock of nothing', args: ['--mock', 'Charge'], says: 'It must be STATE=MOCK' },
  ])('is not run for $case', async ({ args, says }) => {
    const { exitCode, err } = await run(join(folder, 'order.asl.yml'), ...args);
    expect(err).toContain(says);
    expect(exitCode).toBe(2);
  });
});

test('a folder means its files of cases, and one without any is refused', async () => {
  expect(await run(folder)).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('holds no file of state machine tests'),
  });
  write('a.test.yml', `definition: order.asl.yml${mocks}\ncases: [{ name: one, input: { id: 1 } }]\n`);
  write('b.test.json', JSON.stringify({ definition: 'order.asl.yml', cases: [{ name: 'two', state: 'CoolOff' }] }));
  const { out, exitCode } = await run(folder);
  expect(out).toContain('2 passed');
  expect(exitCode).toBe(0);
});

test('the cases of the state machines of this repository hold', async () => {
  const { exitCode, out } = await run(join(import.meta.dirname, '..', '..', 'statemachines'));
  expect(out).not.toContain('✗');
  expect(exitCode).toBe(0);
});
