import { beforeEach, describe, expect, it } from 'vitest';
import { answer, failure, invoke, one, TestAccount, wait } from '../test-account.ts';

const DAY_MS = 24 * 3_600_000;
let account: TestAccount;
let run: string;
beforeEach(async () => {
  account = new TestAccount();
  account.functions.f = () => failure('Broken');
  run = await account.start(await account.machine('m', one(invoke('f'))));
});
const redrive = (clientToken?: string) =>
  account.do('RedriveExecution', { executionArn: run, ...(clientToken !== undefined && { clientToken }) });

describe('RedriveExecution', () => {
  it('is carried out once for one client token within 15 minutes, over a restart too', async () => {
    const first = await redrive('once');
    await account.settled();
    await account.restart();
    account.clock.advance(14 * 60_000);
    expect(await redrive('once')).toEqual(first);
    expect(await account.describe(run)).toMatchObject({ status: 'FAILED', redriveCount: 1 });
    account.clock.advance(2 * 60_000);
    await redrive('once');
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ redriveCount: 2, redriveDate: new Date(account.clock.now()) });
  });

  it('tells the history and DescribeExecution when and how often', async () => {
    account.clock.advance(1000);
    account.functions.f = () => answer(1);
    expect(await redrive()).toEqual({ redriveDate: new Date(account.clock.now()) });
    await account.settled();
    const { events } = await account.do('GetExecutionHistory', { executionArn: run });
    const told = (events as { type: string }[]).find(({ type }) => type === 'ExecutionRedriven');
    expect(told).toMatchObject({ executionRedrivenEventDetails: { redriveCount: 1 } });
    expect(await account.describe(run)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1, output: '1' });
  });

  it('is possible for 14 days after the end', async () => {
    account.clock.advance(14 * DAY_MS);
    expect(await account.describe(run)).toMatchObject({ redriveStatus: 'REDRIVABLE' });
    account.clock.advance(1);
    expect(await account.describe(run)).toMatchObject({
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution redrivable period exceeded',
    });
    expect(await account.refusal('RedriveExecution', { executionArn: run })).toBe(
      'ExecutionNotRedrivable: Execution redrivable period exceeded',
    );
  });

  it('is refused while it runs and once it has succeeded, in the words of AWS', async () => {
    const waiting = await account.start(await account.machine('w', wait(5)), {}, 'w');
    const refusal = () => account.refusal('RedriveExecution', { executionArn: waiting });
    expect(await refusal()).toBe('ExecutionNotRedrivable: Execution is RUNNING and cannot be redriven');
    account.clock.advance(5000);
    await account.settled();
    expect(await refusal()).toBe('ExecutionNotRedrivable: Execution is SUCCEEDED and cannot be redriven');
  });

  it('goes on with what was aborted and what timed out', async () => {
    const machine = await account.machine('w', { ...wait(50), TimeoutSeconds: 10 });
    run = await account.start(machine, {}, 'timed-out');
    account.clock.advance(10_000);
    await account.settled();
    expect(await account.describe(run)).toMatchObject({ status: 'TIMED_OUT', redriveStatus: 'REDRIVABLE' });
    await redrive();
    await account.do('StopExecution', { executionArn: run });
    expect(await account.describe(run)).toMatchObject({ status: 'ABORTED', redriveStatus: 'REDRIVABLE' });
    await redrive();
    expect(await account.describe(run)).toMatchObject({ status: 'RUNNING', redriveCount: 2 });
  });
});
