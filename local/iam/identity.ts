import type { Principal } from '../service.ts';
import type { PolicyDecision, PolicyRequest } from './policy.ts';

/**
 * What the caller's own policies say. The one place where identity policies, permission boundaries and session policies
 * come in.
 *
 * @debt identity-policies: every identity is an administrator of its own account; the policies of roles are stored
 * (`roles.ts`) and not judged yet.
 */
export function identityDecision(_principal: Principal, _request: PolicyRequest): PolicyDecision {
  return {
    effect: 'allow',
    grantedBy: 'principal',
    statement: { Effect: 'Allow', Action: '*', Resource: '*' },
  };
}
