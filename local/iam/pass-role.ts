import { parseArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';

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
