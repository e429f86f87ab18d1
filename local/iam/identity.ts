import type { Principal } from '../service.ts';
import type { PolicyDocument } from './policy.ts';

/** A policy and what people know it by: the name of an inline policy, the ARN of a managed one. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** What is attached to an identity. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html */
export interface IdentityPolicies {
  readonly policies: readonly NamedPolicy[];
  /** Most that the identity can do, whatever its policies say. */
  readonly boundary?: NamedPolicy | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Of a role: who may take it. */
  readonly trust?: PolicyDocument | undefined;
}

const ADMINISTRATOR: IdentityPolicies = {
  policies: [
    {
      name: 'arn:aws:iam::aws:policy/AdministratorAccess',
      document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    },
  ],
  tags: {},
};

const NOTHING: IdentityPolicies = { policies: [], tags: {} };

/**
 * The policies of a caller: a role's own ones; those of an administrator for an account's root and its only user, which
 * `Credentials` makes. Who has no role and is in no account (an unsigned request) has none.
 */
export function policiesOf(
  principal: Principal,
  roleIdentity: (roleArn: string) => IdentityPolicies | undefined,
): IdentityPolicies {
  switch (principal.kind) {
    case 'assumed-role':
      return (principal.roleArn === undefined ? undefined : roleIdentity(principal.roleArn)) ?? NOTHING;
    case 'root':
    case 'user':
      return /^\d{12}$/.test(principal.accountId) ? ADMINISTRATOR : NOTHING;
    case 'service':
      return NOTHING;
  }
}
