import { beforeEach, describe, expect, it } from 'vitest';
import type { Access } from '../../iam/access.ts';
import type { Call, JsonObject, Principal } from '../../service.ts';
import { ACCOUNT, call, pass, REGION, ROLE, TestAccount } from '../test-account.ts';

const arn = (resource: string) => `arn:aws:states:${REGION}:${ACCOUNT}:${resource}`;
const principal: Principal = {
  kind: 'assumed-role',
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/caller/session`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/caller`,
  userId: 'caller:session',
};

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: string;
  readonly Condition?: Record<string, Record<string, string>>;
}

let account: TestAccount;
let asked: string[];
beforeEach(() => {
  account = new TestAccount();
  asked = [];
});

/** A call by a role that has these statements and no others. */
function callWith(...statements: Statement[]): Call {
  const access: Access = {
    nowMs: () => account.clock.now(),
    policiesOf: () => ({
      policies: [{ name: 'own', document: { Version: '2012-10-17', Statement: statements } }],
      tags: {},
    }),
    refused: () => undefined,
    decided: ({ action, resourceArn }) => asked.push(`${action} ${resourceArn}`),
    requireKeyUse: () => undefined,
  };
  return { ...call, principal, access };
}
const allow = (Action: string | string[], Resource: string): Statement => ({ Effect: 'Allow', Action, Resource });
const everything = () => callWith(allow('*', '*'));

describe('a call of the states API', () => {
  it.each<[string, JsonObject, string]>([
    ['StartExecution', { stateMachineArn: arn('stateMachine:m') }, arn('stateMachine:m')],
    ['StartExecution', { stateMachineArn: arn('stateMachine:m:PROD') }, arn('stateMachine:m')],
    ['StartSyncExecution', { stateMachineArn: arn('stateMachine:m:3') }, arn('stateMachine:m')],
    ['DescribeExecution', { executionArn: arn('execution:m:run') }, arn('execution:m:run')],
    ['StopExecution', { executionArn: arn('execution:m:run') }, arn('execution:m:run')],
    ['RedriveExecution', { executionArn: arn('execution:m:run') }, arn('execution:m:run')],
    ['CreateActivity', { name: 'a' }, arn('activity:a')],
    ['CreateStateMachine', { name: 'm' }, arn('stateMachine:m')],
    ['ListStateMachines', {}, '*'],
    ['ListExecutions', { mapRunArn: arn('mapRun:m/l:1') }, arn('mapRun:m/l:1')],
    ['DescribeMapRun', { mapRunArn: arn('mapRun:m/l:1') }, arn('mapRun:m/l:1')],
    ['TagResource', { resourceArn: arn('activity:a'), tags: [] }, arn('activity:a')],
    ['DeleteStateMachineAlias', { stateMachineAliasArn: arn('stateMachine:m:PROD') }, arn('stateMachine:m:PROD')],
    ['DeleteStateMachineVersion', { stateMachineVersionArn: arn('stateMachine:m:3') }, arn('stateMachine:m:3')],
    [
      'CreateStateMachineAlias',
      { name: 'PROD', routingConfiguration: [{ stateMachineVersionArn: arn('stateMachine:m:1'), weight: 100 }] },
      arn('stateMachine:m:PROD'),
    ],
  ])('%s %j needs its action on the resource', async (operation, input, resource) => {
    expect(await account.refusal(operation, input, callWith())).toBe(
      `AccessDeniedException: User: ${principal.arn} is not authorized to perform: states:${operation} on resource: ${resource} because no identity-based policy allows the states:${operation} action`,
    );
    expect(asked).toEqual([`states:${operation} ${resource}`]);
  });

  it('is asked for in every operation, before the operation looks at anything', async () => {
    const named = { stateMachineArn: arn('x'), executionArn: arn('x'), activityArn: arn('x'), mapRunArn: arn('x') };
    const others = {
      resourceArn: arn('x'),
      stateMachineAliasArn: arn('x'),
      stateMachineVersionArn: arn('x'),
      name: 'x',
    };
    const routingConfiguration = [{ stateMachineVersionArn: arn('x'), weight: 100 }];
    const operations = Object.keys(account.stepFunctions.service.operations);
    for (const operation of operations.filter((name) => !name.startsWith('SendTask'))) {
      const input = { ...named, ...others, routingConfiguration };
      expect(await account.refusal(operation, input, callWith())).toMatch(/^AccessDeniedException: /);
    }
  });

  it('with a task token needs its action on the machine whose task it is', async () => {
    const { activityArn } = await account.do('CreateActivity', { name: 'a' });
    const machine = await account.machine('m', {
      StartAt: 'A',
      States: { A: { Type: 'Task', Resource: activityArn, End: true } },
    });
    await account.start(machine);
    const { taskToken } = await account.do('GetActivityTask', { activityArn });
    for (const operation of ['SendTaskSuccess', 'SendTaskFailure', 'SendTaskHeartbeat']) {
      const input = { taskToken, ...(operation === 'SendTaskSuccess' && { output: '1' }) };
      expect(await account.refusal(operation, input, callWith())).toContain(
        `is not authorized to perform: states:${operation} on resource: ${machine} because`,
      );
    }
  });

  it('may depend on the version or alias that is meant', async () => {
    const machine = await account.machine('m', pass(), { publish: true });
    const routingConfiguration = [{ stateMachineVersionArn: `${machine}:1`, weight: 100 }];
    for (const name of ['PROD', 'TEST']) await account.do('CreateStateMachineAlias', { name, routingConfiguration });
    const onlyProd = () =>
      callWith({
        ...allow('states:StartExecution', machine),
        Condition: { StringEquals: { 'states:StateMachineQualifier': 'PROD' } },
      });
    const { StartExecution } = account.stepFunctions.service.operations;
    await StartExecution!({ stateMachineArn: `${machine}:PROD` }, onlyProd());
    for (const other of [machine, `${machine}:TEST`, `${machine}:1`]) {
      expect(await account.refusal('StartExecution', { stateMachineArn: other }, onlyProd())).toMatch(/^AccessDenied/);
    }
  });

  it('needs what it does besides: publishing, tagging, and passing the role', async () => {
    const input = {
      name: 'm',
      roleArn: ROLE,
      definition: JSON.stringify(pass()),
      publish: true,
      tags: [{ key: 'k', value: 'v' }],
    };
    await account.stepFunctions.service.operations.CreateStateMachine!(input, everything());
    expect(asked).toEqual([
      `states:CreateStateMachine ${arn('stateMachine:m')}`,
      `iam:PassRole ${ROLE}`,
      `states:PublishStateMachineVersion ${arn('stateMachine:m')}`,
      `states:TagResource ${arn('stateMachine:m')}`,
    ]);
    const withoutPass = callWith(allow('states:*', '*'));
    expect(await account.refusal('CreateStateMachine', { ...input, name: 'n' }, withoutPass)).toMatch(
      /not authorized to perform: iam:PassRole/,
    );
    expect(await account.refusal('DescribeStateMachine', { stateMachineArn: arn('stateMachine:n') })).toMatch(
      /DoesNotExist/,
    );
  });
});
