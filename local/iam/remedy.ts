import type { JsonObject, Principal } from '../service.ts';
import type { Judgement } from './judge.ts';

export interface Denial {
  readonly principal: Principal;
  readonly action: string;
  readonly resourceArn: string;
  readonly judgement: Extract<Judgement, { allowed: false }>;
}

/** What to look at: the statement that denied, or the one that is missing. */
export const remedyOf = ({ principal, action, resourceArn, judgement }: Denial): JsonObject => ({
  ...(judgement.reason === 'explicit-deny'
    ? { deniedBy: { policy: judgement.by.policyName, statement: judgement.by.statement } }
    : {
        missing: {
          in: judgement.kind,
          statement: {
            Effect: 'Allow',
            ...(judgement.kind === 'resource-based policy' ? { Principal: grantee(principal) } : {}),
            Action: action,
            Resource: resourceArn,
          },
        },
      }),
  ...(judgement.unknownKeys.length > 0 ? { unknownConditionKeys: judgement.unknownKeys } : {}),
});

const grantee = (principal: Principal): object =>
  principal.kind === 'service' ? { Service: principal.arn } : { AWS: principal.roleArn ?? principal.arn };
