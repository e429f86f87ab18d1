import { Agent } from 'node:http';
import {
  CreateActivityCommand,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteActivityCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeActivityCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachinesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  PublishStateMachineVersionCommand,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineDoesNotExist,
  StopExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACC, DEV, startTestRuntime, type TestRuntime } from '../../server/test-runtime.ts';
import { pass, wait } from '../test-account.ts';

const roleArn = `arn:aws:iam::${DEV}:role/machine`;

let runtime: TestRuntime;
let client: SFNClient;
beforeAll(async () => {
  runtime = await startTestRuntime();
  client = new SFNClient(runtime.client(DEV));
});
afterAll(() => runtime.dispose());

const create = async (name: string, definition: object, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') =>
  (await client.send(new CreateStateMachineCommand({ name, roleArn, type, definition: JSON.stringify(definition) })))
    .stateMachineArn as string;

describe('the SDK', () => {
  it('makes, changes, publishes, aliases, lists and deletes a state machine', async () => {
    const stateMachineArn = await create('life', pass());
    const published = await client.send(new PublishStateMachineVersionCommand({ stateMachineArn, description: 'v1' }));
    const stateMachineVersionArn = published.stateMachineVersionArn as string;
    expect(published.creationDate).toBeInstanceOf(Date);
    const { stateMachineAliasArn } = await client.send(
      new CreateStateMachineAliasCommand({
        name: 'LIVE',
        routingConfiguration: [{ stateMachineVersionArn, weight: 100 }],
      }),
    );
    await client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, description: 'd' }));
    const alias = await client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }));
    expect(alias).toMatchObject({ name: 'LIVE', description: 'd', routingConfiguration: [{ weight: 100 }] });
    const aliases = await client.send(new ListStateMachineAliasesCommand({ stateMachineArn }));
    expect(aliases.stateMachineAliases).toMatchObject([{ stateMachineAliasArn }]);
    const versions = await client.send(new ListStateMachineVersionsCommand({ stateMachineArn }));
    expect(versions.stateMachineVersions).toMatchObject([{ stateMachineVersionArn }]);
    const updated = await client.send(
      new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(pass('x')) }),
    );
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({ revisionId: updated.revisionId, status: 'ACTIVE', type: 'STANDARD' });
    const machines = await client.send(new ListStateMachinesCommand({}));
    expect(machines.stateMachines?.map(({ name }) => name)).toContain('life');
    await client.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
    await client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn }));
    await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    const gone = client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    await expect(gone).rejects.toBeInstanceOf(StateMachineDoesNotExist);
    await expect(gone).rejects.toThrow(`State Machine Does Not Exist: '${stateMachineArn}'`);
  });

  it('starts, looks at, stops and redrives an execution', async () => {
    const stateMachineArn = await create('runs', wait(3600));
    const started = await client.send(new StartExecutionCommand({ stateMachineArn, name: 'run', input: '{"a":1}' }));
    const executionArn = started.executionArn as string;
    expect(started.startDate).toBeInstanceOf(Date);
    const machine = await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    expect(machine).toMatchObject({ name: 'runs', definition: JSON.stringify(wait(3600)) });
    await client.send(new StopExecutionCommand({ executionArn, error: 'E', cause: 'c' }));
    const stopped = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(stopped).toMatchObject({ status: 'ABORTED', error: 'E', cause: 'c', redriveStatus: 'REDRIVABLE' });
    const { redriveDate } = await client.send(new RedriveExecutionCommand({ executionArn }));
    expect(redriveDate).toBeInstanceOf(Date);
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
    expect(executions).toMatchObject([{ executionArn, redriveCount: 1 }]);
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
    expect(events?.at(-1)).toMatchObject({ id: 1, type: 'ExecutionStarted' });
    expect(events?.[0]?.timestamp).toBeInstanceOf(Date);
  });

  it('works off an activity', async () => {
    const { activityArn } = await client.send(new CreateActivityCommand({ name: 'work' }));
    expect(await client.send(new DescribeActivityCommand({ activityArn }))).toMatchObject({ name: 'work' });
    expect((await client.send(new ListActivitiesCommand({}))).activities).toMatchObject([{ activityArn }]);
    const task = { Type: 'Task', Resource: activityArn, End: true };
    const stateMachineArn = await create('worked', { StartAt: 'T', States: { T: task } });
    const take = async () => {
      const taken = client.send(new GetActivityTaskCommand({ activityArn, workerName: 'w' }));
      const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
      return { executionArn, taskToken: (await taken).taskToken };
    };
    const good = await take();
    await client.send(new SendTaskHeartbeatCommand({ taskToken: good.taskToken }));
    await client.send(new SendTaskSuccessCommand({ taskToken: good.taskToken, output: '"ok"' }));
    const bad = await take();
    await client.send(new SendTaskFailureCommand({ taskToken: bad.taskToken, error: 'Bad', cause: 'c' }));
    const describe = (executionArn?: string) => client.send(new DescribeExecutionCommand({ executionArn }));
    expect(await describe(good.executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"ok"' });
    expect(await describe(bad.executionArn)).toMatchObject({ status: 'FAILED', error: 'Bad' });
    await client.send(new DeleteActivityCommand({ activityArn }));
  });

  it('tags, untags and validates', async () => {
    const resourceArn = await create('tagged', pass());
    await client.send(
      new TagResourceCommand({
        resourceArn,
        tags: [
          { key: 'k', value: 'v' },
          { key: 'l', value: 'w' },
        ],
      }),
    );
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['k'] }));
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual([{ key: 'l', value: 'w' }]);
    const valid = await client.send(new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(pass()) }));
    expect(valid).toMatchObject({ result: 'OK', diagnostics: [], truncated: false });
  });

  it('runs an Express machine and waits for it, on the host with the prefix sync- too', async () => {
    const stateMachineArn = await create('express', pass(), 'EXPRESS');
    // The SDK puts `sync-` before whatever host it is given; here that name leads to this machine.
    const toLoopback = new Agent({
      lookup: (_host, options, answer) =>
        options.all ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4),
    });
    const prefixed = new SFNClient({
      ...runtime.client(DEV),
      endpoint: runtime.url.replace('127.0.0.1', 'localhost'),
      requestHandler: { httpAgent: toLoopback },
    });
    const plain = new SFNClient({ ...runtime.client(DEV), disableHostPrefix: true });
    const hosts: string[] = [];
    prefixed.middlewareStack.add(
      (next) => (args) => {
        hosts.push((args.request as { headers: Record<string, string> }).headers.host as string);
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    for (const one of [prefixed, plain]) {
      const answered = await one.send(new StartSyncExecutionCommand({ stateMachineArn, input: '{"a":1}' }));
      expect(answered).toMatchObject({
        status: 'SUCCEEDED',
        output: '{"a":1}',
        billingDetails: { billedMemoryUsedInMB: 64 },
      });
      expect(answered.stopDate).toBeInstanceOf(Date);
    }
    expect(hosts).toEqual([expect.stringMatching(/^sync-localhost:\d+$/)]);
  });

  it('of another account is refused before anything is said of the machine', async () => {
    const stateMachineArn = await create('private', pass());
    const stranger = new SFNClient(runtime.client(ACC));
    for (const arn of [stateMachineArn, `${stateMachineArn}-absent`]) {
      await expect(stranger.send(new StartExecutionCommand({ stateMachineArn: arn }))).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining(`is not authorized to perform: states:StartExecution on resource: ${arn}`),
      });
    }
  });
});
