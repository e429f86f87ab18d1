import { AwsError } from '../aws-error.ts';
import { requiredText, takeOnly } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, OperationService } from '../service.ts';
import { authorize } from './authorize.ts';
import { policyText } from './policy-text.ts';
import type { Role, Roles } from './roles.ts';
import { simulatePrincipalPolicy } from './simulate.ts';

/** IAM of one account: looking at roles and asking what they may do. They are made from templates only. */
export function createIam(ctx: AccountContext, roles: Roles): OperationService {
  /** The role that a request names, once the caller was found to be allowed to look at it. */
  const look = (operation: string, input: JsonObject, call: Call): Role => {
    const name = requiredText(input, 'RoleName');
    const role = roles.named(name);
    const resourceArn = role?.arn ?? `arn:aws:iam::${ctx.accountId}:role/${name}`;
    authorize({ call, action: `iam:${operation}`, resourceArn });
    if (!role) throw new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404);
    return role;
  };
  const isManaged = (name: string) => name.startsWith('arn:');

  return {
    name: 'iam',
    operations: {
      GetRole(input, call) {
        takeOnly('GetRole', input, ['RoleName']);
        return { Role: describe(look('GetRole', input, call)) };
      },
      ListRoles(input, call) {
        takeOnly('ListRoles', input, ['MaxItems']);
        authorize({ call, action: 'iam:ListRoles', resourceArn: `arn:aws:iam::${ctx.accountId}:role/` });
        return { Roles: roles.list().map(describe), IsTruncated: false };
      },
      ListRolePolicies(input, call) {
        takeOnly('ListRolePolicies', input, ['RoleName', 'MaxItems']);
        const names = roles.policiesOf(look('ListRolePolicies', input, call).name).map(({ name }) => name);
        return { PolicyNames: names.filter((name) => !isManaged(name)), IsTruncated: false };
      },
      ListAttachedRolePolicies(input, call) {
        takeOnly('ListAttachedRolePolicies', input, ['RoleName', 'MaxItems']);
        const names = roles.policiesOf(look('ListAttachedRolePolicies', input, call).name).map(({ name }) => name);
        return {
          AttachedPolicies: names
            .filter(isManaged)
            .map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn })),
          IsTruncated: false,
        };
      },
      GetRolePolicy(input, call) {
        takeOnly('GetRolePolicy', input, ['RoleName', 'PolicyName']);
        const role = look('GetRolePolicy', input, call);
        const wanted = requiredText(input, 'PolicyName');
        const policy = roles.policiesOf(role.name).find(({ name }) => name === wanted && !isManaged(name));
        if (!policy) throw new AwsError('NoSuchEntity', `The role policy with name ${wanted} cannot be found.`, 404);
        return {
          RoleName: role.name,
          PolicyName: policy.name,
          PolicyDocument: encodeURIComponent(policyText(policy.document)),
        };
      },
      SimulatePrincipalPolicy(input, call) {
        const source = requiredText(input, 'PolicySourceArn');
        authorize({ call, action: 'iam:SimulatePrincipalPolicy', resourceArn: source });
        return simulatePrincipalPolicy(input, call);
      },
    },
  };
}

const describe = (role: Role): JsonObject => ({
  Path: role.arn.replace(/^[^/]*/, '').replace(/[^/]*$/, ''),
  RoleName: role.name,
  RoleId: role.roleId,
  Arn: role.arn,
  CreateDate: new Date(role.createdAtMs),
  AssumeRolePolicyDocument: encodeURIComponent(policyText(role.trustPolicy)),
  MaxSessionDuration: role.maxSessionDurationSeconds,
  ...(typeof role.properties.Description === 'string' ? { Description: role.properties.Description } : {}),
});
