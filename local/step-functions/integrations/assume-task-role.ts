import { parseArn } from '../../arn.ts';
import type { TaskRequest } from '../engine/task-caller.ts';
import type { Failure } from '../interpreter/failure.ts';
import type { Integration } from './integration.ts';
import { taskPrincipal } from './task-principal.ts';

/**
 * Whether the state machine's role may act as the role of the task's `Credentials`: its own policies and the other role's trust policy
 * decide, as for anybody who calls AssumeRole; the external id is the state machine's ARN. Undefined when it may.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-access-cross-acct-resources.html
 */
export async function assumeTaskRole(request: TaskRequest, { services }: Integration): Promise<Failure | undefined> {
  const { roleArn: machineRole, stateMachineArn, name } = request.execution;
  if (request.roleArn === machineRole) return undefined;
  const refused = {
    error: 'States.TaskFailed',
    cause: `The role ${machineRole} is not authorized to assume the task state's role, ${request.roleArn}.`,
  };
  if (parseArn(request.roleArn)?.service !== 'iam') return refused;
  try {
    const input = {
      RoleArn: request.roleArn,
      RoleSessionName: name
        .replace(/[^\w+=,.@-]/g, '-')
        .padEnd(2, '-')
        .slice(0, 64),
      ExternalId: stateMachineArn,
    };
    await services.callOperation('sts', 'AssumeRole', input, taskPrincipal({ ...request, roleArn: machineRole }));
    return undefined;
  } catch {
    // Why is in the local log: whoever runs the state machine learns nothing of the other account.
    return refused;
  }
}
