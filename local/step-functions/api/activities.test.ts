import { beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, REGION, TestAccount } from '../test-account.ts';

let account: TestAccount;
let activityArn: string;
let machine: string;
beforeEach(async () => {
  account = new TestAccount();
  activityArn = (await account.do('CreateActivity', { name: 'label' })).activityArn as string;
  machine = await account.machine('m', {
    StartAt: 'A',
    States: { A: { Type: 'Task', Resource: activityArn, TimeoutSeconds: 600, End: true } },
  });
});
const take = () => account.do('GetActivityTask', { activityArn, workerName: 'w' });

describe('an activity', () => {
  it('hands its task to a worker, who ends it with the token', async () => {
    const polled = take();
    const run = await account.start(machine, { n: 1 });
    const { taskToken, input } = await polled;
    expect(input).toBe('{"n":1}');
    await account.do('SendTaskSuccess', { taskToken, output: '"done"' });
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    expect(await account.types(run)).toContain('ActivityStarted');
  });

  it('hands each task to one worker only, the oldest first', async () => {
    await account.start(machine, 1, 'a');
    await account.start(machine, 2, 'b');
    const [first, second] = await Promise.all([take(), take()]);
    expect([first.input, second.input].sort()).toEqual(['1', '2']);
    expect(first.taskToken).not.toBe(second.taskToken);
  });

  it('still has its task for a worker after a restart', async () => {
    const run = await account.start(machine, { n: 1 });
    await account.restart();
    const { taskToken, input } = await take();
    expect(input).toBe('{"n":1}');
    await account.restart();
    await account.do('SendTaskSuccess', { taskToken, output: '1' });
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('answers a poll without a task after a minute', async () => {
    const polled = take();
    await account.settled();
    account.clock.advance(60_000);
    expect(await polled).toEqual({});
  });

  it('is the same for the same name, described, listed and deleted', async () => {
    const again = await account.do('CreateActivity', { name: 'label', tags: [{ key: 'k', value: 'v' }] });
    expect(again).toEqual({ activityArn, creationDate: new Date(account.clock.now()) });
    expect(activityArn).toBe(`arn:aws:states:${REGION}:${ACCOUNT}:activity:label`);
    const shown = { activityArn, name: 'label', creationDate: new Date(account.clock.now()) };
    expect(await account.do('DescribeActivity', { activityArn })).toEqual({
      ...shown,
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    });
    expect(await account.do('ListActivities', {})).toEqual({ activities: [shown] });
    await account.do('DeleteActivity', { activityArn });
    await account.do('DeleteActivity', { activityArn });
    const gone = `ActivityDoesNotExist: Activity Does Not Exist: '${activityArn}'`;
    expect(await account.refusal('DescribeActivity', { activityArn })).toBe(gone);
    expect(await account.refusal('GetActivityTask', { activityArn })).toBe(gone);
  });
});

describe('a task token', () => {
  it('is good for one answer, and not after its task timed out', async () => {
    const polled = take();
    await account.start(machine);
    const { taskToken } = await polled;
    account.clock.advance(600_000);
    await account.settled();
    const late = "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'";
    expect(await account.refusal('SendTaskSuccess', { taskToken, output: '1' })).toBe(late);
    expect(await account.refusal('SendTaskFailure', { taskToken, error: 'E' })).toBe(late);
    expect(await account.refusal('SendTaskHeartbeat', { taskToken })).toBe(late);
  });

  it('that nobody was given is invalid, and an output that is no JSON does not use it up', async () => {
    expect(await account.refusal('SendTaskHeartbeat', { taskToken: 'invented' })).toBe(
      "InvalidToken: Invalid Token: 'Invalid token'",
    );
    const polled = take();
    const run = await account.start(machine);
    const { taskToken } = await polled;
    expect(await account.refusal('SendTaskSuccess', { taskToken, output: '{' })).toMatch(
      /^InvalidOutput: Invalid Output: '/,
    );
    expect(await account.refusal('SendTaskSuccess', { taskToken, output: `"${'x'.repeat(262_144)}"` })).toBe(
      "ValidationException: 1 validation error detected: Value at 'output' failed to satisfy constraint: Member must have length less than or equal to 262144",
    );
    await account.do('SendTaskFailure', { taskToken, error: 'Bad', cause: 'why' });
    expect(await account.describe(run)).toMatchObject({ status: 'FAILED', error: 'Bad', cause: 'why' });
  });
});
