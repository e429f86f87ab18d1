import { beforeEach, describe, expect, it } from 'vitest';
import { answer, failure, invoke, one, TestAccount } from '../test-account.ts';

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});

describe('StartExecution', () => {
  const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 10, End: true } } };

  it('is the same execution for the same name and input while it runs, and refused for another input or afterwards', async () => {
    const machine = await account.machine('m', wait);
    const run = await account.start(machine, { a: 1 });
    expect(await account.start(machine, { a: 1 })).toBe(run);
    await expect(account.start(machine, { a: 2 })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    account.clock.advance(10_000);
    await account.settled();
    await expect(account.start(machine, { a: 1 })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    account.clock.advance(91 * 24 * 3_600_000);
    expect(await account.start(machine, { a: 2 })).toBe(run);
    expect(await account.types(run)).toEqual(['ExecutionStarted', 'WaitStateEntered']);
  });

  it('refuses names, inputs and machines that are none', async () => {
    const machine = await account.machine('m', wait);
    await expect(account.start(machine, {}, 'a b')).rejects.toMatchObject({ code: 'InvalidName' });
    await expect(account.start(machine, {}, 'x'.repeat(81))).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(account.do('StartExecution', { stateMachineArn: machine, input: '{' })).rejects.toMatchObject({
      code: 'InvalidExecutionInput',
    });
    await expect(account.start(`${machine}x`)).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' });
  });

  it('emits a status change when an execution starts and when it ends', async () => {
    await account.start(await account.machine('m', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }), {
      a: 1,
    });
    expect(account.events.map(({ detail }) => [detail.status, detail.output])).toEqual([
      ['RUNNING', null],
      ['SUCCEEDED', '{"a":1}'],
    ]);
  });
});

describe('RedriveExecution', () => {
  it('goes on from the failed branch only, keeps the history and counts', async () => {
    let broken = true;
    const calls: string[] = [];
    account.functions.good = () => {
      calls.push('good');
      return answer('good');
    };
    account.functions.bad = (event) => {
      const { RedriveCount } = (event.context as { Execution: { RedriveCount: number } }).Execution;
      calls.push(`bad ${RedriveCount}`);
      return broken ? failure('Broken') : answer('mended');
    };
    const branch = (name: string) => ({ StartAt: name, States: { [name]: invoke(name) } });
    const definition = one({ Type: 'Parallel', Branches: [branch('good'), branch('bad')], End: true });
    const run = await account.start(await account.machine('m', definition));
    expect(await account.describe(run)).toMatchObject({
      status: 'FAILED',
      error: 'Broken',
      redriveStatus: 'REDRIVABLE',
    });
    const before = await account.types(run);
    broken = false;
    await account.do('RedriveExecution', { executionArn: run });
    await account.settled();
    expect(await account.describe(run)).toMatchObject({
      status: 'SUCCEEDED',
      output: '["good","mended"]',
      redriveCount: 1,
      redriveStatus: 'NOT_REDRIVABLE',
    });
    expect(calls).toEqual(['good', 'bad 0', 'bad 1']);
    const after = await account.types(run);
    expect(after.slice(0, before.length + 1)).toEqual([...before, 'ExecutionRedriven']);
    await expect(account.do('RedriveExecution', { executionArn: run })).rejects.toMatchObject({
      code: 'ExecutionNotRedrivable',
    });
  });
});

describe('GetExecutionHistory', () => {
  it('pages in both directions, and leaves the data out when asked to', async () => {
    const run = await account.start(
      await account.machine('m', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }),
      { secret: 1 },
    );
    const pages = async (reverseOrder: boolean) => {
      const ids: number[] = [];
      let nextToken: unknown;
      do {
        const page = await account.do('GetExecutionHistory', {
          executionArn: run,
          maxResults: 3,
          reverseOrder,
          ...(nextToken !== undefined && { nextToken }),
        });
        ids.push(...(page.events as { id: number }[]).map(({ id }) => id));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return ids;
    };
    expect(await pages(false)).toEqual([1, 2, 3, 4]);
    expect(await pages(true)).toEqual([4, 3, 2, 1]);
    const bare = await account.do('GetExecutionHistory', { executionArn: run, includeExecutionData: false });
    expect(JSON.stringify(bare)).not.toContain('secret');
  });
});
