import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACC, DEV, REGION, startTestRuntime, type TestRuntime } from '../server/test-runtime.ts';

const own = `arn:aws:iam::${DEV}:role/own`;
const foreign = `arn:aws:iam::${ACC}:role/administrator`;
const denied = { name: 'AccessDeniedException', message: expect.stringContaining('Cross-account pass role') };
const pass = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } });

describe('nobody acts as a role of another account by naming it', () => {
  let runtime: TestRuntime;
  let sfn: SFNClient;

  beforeAll(async () => {
    runtime = await startTestRuntime();
    sfn = new SFNClient(runtime.client(DEV));
  });
  afterAll(() => runtime.dispose());

  it('in a state machine, new or changed', async () => {
    const create = (roleArn: string) =>
      sfn.send(new CreateStateMachineCommand({ name: 'm', definition: pass, roleArn }));
    await expect(create(foreign)).rejects.toMatchObject(denied);
    const { stateMachineArn } = await create(own);
    await expect(sfn.send(new UpdateStateMachineCommand({ stateMachineArn, roleArn: foreign }))).rejects.toMatchObject(
      denied,
    );
  });

  it("in a Task's Credentials", async () => {
    const definition = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'T',
      States: {
        T: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:sqs:listQueues',
          Credentials: { RoleArn: foreign },
          End: true,
        },
      },
    });
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({ name: 'borrows', definition, roleArn: own }),
    );
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    const described = await expect
      .poll(() => sfn.send(new DescribeExecutionCommand({ executionArn })))
      .toMatchObject({ status: 'FAILED' })
      .then(() => sfn.send(new DescribeExecutionCommand({ executionArn })));
    expect(described.cause).toContain(`is not authorized to assume the task state's role, ${foreign}`);
  });

  it("in a rule's target", async () => {
    const events = new EventBridgeClient(runtime.client(DEV));
    await events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["x"]}' }));
    const Arn = `arn:aws:states:${REGION}:${ACC}:stateMachine:theirs`;
    await expect(
      events.send(new PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 't', Arn, RoleArn: foreign }] })),
    ).rejects.toMatchObject(denied);
  });

  it('in a function', async () => {
    await expect(
      runtime.put(
        DEV,
        'AWS::Lambda::Function',
        {
          FunctionName: 'f',
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: foreign,
          Code: { ZipFile: 'exports.handler = async () => 1;' },
        },
        'F',
      ),
    ).rejects.toThrow('Cross-account pass role');
  });

  it('and no name of a function leads out of the folder of its code', async () => {
    const properties = { Handler: 'index.handler', Runtime: 'nodejs24.x', Role: own, Code: { ZipFile: '' } };
    await expect(
      runtime.put(DEV, 'AWS::Lambda::Function', { ...properties, FunctionName: 'x:../../../escaped' }, 'F'),
    ).rejects.toThrow('FunctionName must be 1 to 64 letters');
  });
});
