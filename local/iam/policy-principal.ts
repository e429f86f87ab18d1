/** `"*"`, or kinds of principals with their names. */
export type PolicyPrincipal = '*' | Readonly<Record<string, string | readonly string[]>>;

/** What a policy's Principal element is compared with. */
export interface PrincipalIdentity {
  readonly kind: 'root' | 'user' | 'assumed-role' | 'service';
  readonly accountId: string;
  readonly arn: string;
  readonly roleArn?: string;
}

/**
 * Whom a statement's Principal names: the very session, the user or role, or the caller's account, which leaves the decision
 * to that account's identity policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-id-rdp.html
 */
export type GrantedBy = 'session' | 'principal' | 'account';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
export function matchPrincipal(
  element: PolicyPrincipal,
  caller: PrincipalIdentity,
  effect: 'Allow' | 'Deny' = 'Allow',
): GrantedBy | undefined {
  if (element === '*') return 'principal';
  let best: GrantedBy | undefined;
  for (const [kind, names] of Object.entries(element)) {
    for (const name of typeof names === 'string' ? [names] : names) {
      if (kind === 'Service') {
        if (caller.kind === 'service' && caller.arn === name) return 'principal';
      } else if (kind === 'AWS') {
        if (name === '*') best = 'principal';
        if (caller.kind === 'service') continue;
        if (name === caller.arn) return caller.kind === 'assumed-role' ? 'session' : 'principal';
        if (name === caller.roleArn) best = 'principal';
        // A Deny that names an account is for everybody in it.
        else if (accountOf(name) === caller.accountId) best ??= effect === 'Deny' ? 'principal' : 'account';
      }
      // Federated and CanonicalUser principals cannot sign a request here, so they match nobody.
    }
  }
  return best;
}

function accountOf(name: string): string | undefined {
  if (/^\d{12}$/.test(name)) return name;
  return /^arn:[^:]*:iam::(\d{12}):root$/.exec(name)?.[1];
}
