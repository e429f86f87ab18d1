import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { failure, invoke, one, pass, TestAccount, wait } from './test-account.ts';

const folder = join(
  process.env.SLUICE_CONFORMANCE ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'conformance'),
  'eventbridge/sample-events',
);
const skip = existsSync(folder) ? undefined : `no sample events at ${folder}; set SLUICE_CONFORMANCE`;
const recorded = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, `localstack-stepfunctions-${name}.json`), 'utf8')).event.detail;

let account: TestAccount;
beforeEach(() => {
  account = new TestAccount();
});

describe(`the status-change event${skip ? ` (skipped: ${skip})` : ''}`, () => {
  it.skipIf(skip)('has the members and the texts that AWS was recorded sending', async () => {
    await account.start(await account.machine('m', pass()));
    const [running, succeeded] = account.events.map(({ detail }) => detail);
    for (const [detail, name] of [
      [running!, 'running'],
      [succeeded!, 'succeeded'],
    ] as const) {
      const expected = recorded(name);
      expect(Object.keys(detail).sort()).toEqual(Object.keys(expected).sort());
      const exact = [
        'status',
        'redriveCount',
        'redriveDate',
        'redriveStatus',
        'redriveStatusReason',
        'inputDetails',
        'outputDetails',
        'error',
        'cause',
      ];
      for (const member of exact) expect([member, detail[member]]).toEqual([member, expected[member]]);
    }
  });
});

describe('the status-change event', () => {
  it('tells why an execution failed, and that it can be redriven', async () => {
    account.functions.f = () => failure('Broken', 'really');
    await account.start(await account.machine('m', one(invoke('f'))));
    expect(account.events.at(-1)!.detail).toMatchObject({
      status: 'FAILED',
      error: 'Broken',
      output: null,
      redriveStatus: 'REDRIVABLE',
      redriveStatusReason: null,
    });
  });

  it('is sent again when an execution is redriven, with the count', async () => {
    const run = await account.start(await account.machine('m', wait(10)));
    await account.do('StopExecution', { executionArn: run });
    await account.do('RedriveExecution', { executionArn: run });
    await account.settled();
    expect(account.events.map(({ detail }) => [detail.status, detail.redriveCount])).toEqual([
      ['RUNNING', 0],
      ['ABORTED', 0],
      ['RUNNING', 1],
    ]);
    expect(account.events.at(-1)!.detail).toMatchObject({ redriveDate: account.clock.now(), stopDate: null });
  });

  it('leaves out an input and an output that are too large for an event', async () => {
    await account.start(await account.machine('m', pass()), 'x'.repeat(200_000));
    const [running, succeeded] = account.events.map(({ detail }) => detail);
    expect(running).toMatchObject({ inputDetails: { included: true } });
    expect(succeeded).toMatchObject({
      input: null,
      inputDetails: { included: false },
      outputDetails: { included: true },
    });
  });
});
