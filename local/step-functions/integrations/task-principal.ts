import { parseArn } from '../../arn.ts';
import type { Principal } from '../../service.ts';
import type { TaskRequest } from '../engine/task-caller.ts';

/** Who a task acts as: the state machine's role (or that of Credentials), in a session named for the execution. */
export function taskPrincipal(request: TaskRequest): Principal {
  const { roleArn } = request;
  const accountId = parseArn(roleArn)?.accountId ?? '';
  const role = roleArn.split('/').at(-1) ?? '';
  const session = request.execution.name.slice(0, 64);
  return {
    kind: 'assumed-role',
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${session}`,
    roleArn,
    userId: `${role}:${session}`,
  };
}
