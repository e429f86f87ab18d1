import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV, REGION, startTestRuntime, type TestRuntime } from '../../local/server/test-runtime.ts';
import { AwsCli, awscliLacks, awscliMissing } from './awscli.ts';

const ROLE = `arn:aws:iam::${DEV}:role/machine`;
const definition = (seconds: number) =>
  JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: seconds, End: true } } });

let runtime: TestRuntime;
let cli: AwsCli;
beforeAll(async () => {
  runtime = await startTestRuntime();
  cli = new AwsCli(runtime, DEV, REGION);
});
afterAll(() => runtime.dispose());

const sfn = (...words: string[]) => cli.json('stepfunctions', ...words);

describe(`the AWS CLI${awscliMissing ? ` (skipped: ${awscliMissing})` : ''}`, { timeout: 60_000 }, () => {
  it.skipIf(awscliMissing)('makes a machine, starts it and reads its history', async () => {
    const created = await sfn(
      ...['create-state-machine', '--name', 'cli', '--role-arn', ROLE, '--definition', definition(0)],
      ...['--tags', 'key=k,value=v'],
    );
    const machine = created.stateMachineArn as string;
    const started = await sfn('start-execution', '--state-machine-arn', machine, '--input', '{"a":1}');
    const executionArn = started.executionArn as string;
    expect(await sfn('describe-execution', '--execution-arn', executionArn)).toMatchObject({ input: '{"a":1}' });
    const { events } = await sfn('get-execution-history', '--execution-arn', executionArn);
    expect((events as { type: string }[])[0]).toMatchObject({ type: 'ExecutionStarted', id: 1 });
    const { tags } = await sfn('list-tags-for-resource', '--resource-arn', machine);
    expect(tags).toEqual([{ key: 'k', value: 'v' }]);
    const names = await cli.text(
      ...['stepfunctions', 'list-state-machines', '--query', 'stateMachines[].name', '--output', 'text'],
    );
    expect(names.trim()).toBe('cli');
  });

  const noVersions = awscliLacks('stepfunctions', 'publish-state-machine-version');
  it.skipIf(noVersions)(
    `publishes a version and starts it${noVersions ? ` (skipped: ${noVersions})` : ''}`,
    async () => {
      const created = await sfn(
        ...['create-state-machine', '--name', 'published', '--role-arn', ROLE, '--definition', definition(0)],
        ...['--publish', '--version-description', 'first'],
      );
      const machine = created.stateMachineArn as string;
      expect(created.stateMachineVersionArn).toBe(`${machine}:1`);
      const { executionArn } = await sfn('start-execution', '--state-machine-arn', `${machine}:1`);
      const described = await sfn('describe-execution', '--execution-arn', executionArn as string);
      expect(described).toMatchObject({ stateMachineVersionArn: `${machine}:1` });
    },
  );

  it.skipIf(awscliMissing)('pages by itself, and shows AWS’s code and message for a refusal', async () => {
    const { stateMachineArn } = await sfn(
      ...['create-state-machine', '--name', 'pages', '--role-arn', ROLE, '--definition', definition(1000)],
    );
    const machine = stateMachineArn as string;
    for (const name of ['a', 'b', 'c']) {
      await sfn('start-execution', '--state-machine-arn', machine, '--name', name);
    }
    const { executions } = await sfn('list-executions', '--state-machine-arn', machine, '--page-size', '2');
    expect((executions as { name: string }[]).map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    await expect(
      sfn('start-execution', '--state-machine-arn', machine, '--name', 'a', '--input', '{"other":1}'),
    ).rejects.toThrow(
      `An error occurred (ExecutionAlreadyExists) when calling the StartExecution operation: Execution Already Exists: '${machine.replace('stateMachine', 'execution')}:a'`,
    );
    await sfn('stop-execution', '--execution-arn', `${machine.replace('stateMachine', 'execution')}:a`);
  });

  const noRedrive = awscliLacks('stepfunctions', 'redrive-execution');
  it.skipIf(noRedrive)(`redrives what was stopped${noRedrive ? ` (skipped: ${noRedrive})` : ''}`, async () => {
    const { stateMachineArn } = await sfn(
      ...['create-state-machine', '--name', 'redriven', '--role-arn', ROLE, '--definition', definition(1000)],
    );
    const { executionArn } = await sfn('start-execution', '--state-machine-arn', stateMachineArn as string);
    await sfn('stop-execution', '--execution-arn', executionArn as string);
    const { redriveDate } = await sfn('redrive-execution', '--execution-arn', executionArn as string);
    expect(redriveDate).toBeDefined();
  });
});
