import { parseArn } from '../../arn.ts';
import type { Principal } from '../../service.ts';
import type { TaskRequest } from '../engine/task-caller.ts';

/** Who a task acts as: the state machine's role (or that of Credentials), in a session named for the execution. */
export function taskPrincipal({ roleArn, execution }: TaskRequest): Principal {
  const { takenBy, ...principal } = rolePrincipal(roleArn, execution.name);
  // A role of Credentials was taken by the state machine's own, which was judged then.
  if (roleArn !== execution.roleArn || takenBy === undefined) return principal;
  return { ...principal, takenBy, sourceArn: execution.stateMachineArn };
}

/** A role that Step Functions has taken on. */
export function rolePrincipal(roleArn: string, sessionName: string): Principal {
  const accountId = parseArn(roleArn)?.accountId ?? '';
  const role = roleArn.split('/').at(-1) ?? '';
  const session = sessionName.slice(0, 64);
  return {
    kind: 'assumed-role',
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${session}`,
    roleArn,
    userId: `${role}:${session}`,
    takenBy: 'states.amazonaws.com',
  };
}
