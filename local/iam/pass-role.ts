import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { Call } from '../service.ts';
import { administratorsOnly } from './access.ts';
import { authorize } from './authorize.ts';

/**
 * A service acts only as a role of the account that it works for: otherwise whoever can name a role of another account in a
 * state machine, a rule or a function would act as that role. Throws AccessDeniedException, as AWS does.
 */
export function requireOwnRole(roleArn: string, accountId: string): void {
  const arn = parseArn(roleArn);
  if (arn?.service === 'iam' && arn.accountId === accountId) return;
  throw new AwsError(
    'AccessDeniedException',
    `Cross-account pass role is not allowed: ${roleArn} is no role of account ${accountId}.`,
  );
}

/**
 * Who gives a role to a service must be allowed to: otherwise who may make a state machine could act as any role. `service` is
 * `states.amazonaws.com` and the like. Throws AccessDeniedException.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
export function requirePassRole(call: Call, roleArn: string, service: string): void {
  const asked = { call, action: 'iam:PassRole', resourceArn: roleArn };
  try {
    requireOwnRole(roleArn, call.accountId);
  } catch (error) {
    if (error instanceof AwsError) (call.access ?? administratorsOnly).refused({ ...asked, error, remedy: {} });
    throw error;
  }
  authorize({ ...asked, context: { 'iam:PassedToService': service } });
}
