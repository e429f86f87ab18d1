import type { PolicyStatement } from '../iam/policy.ts';
import type { PolicyPrincipal } from '../iam/policy-principal.ts';
import type { JsonObject } from '../service.ts';

/** The members of AddPermission and the properties of AWS::Lambda::Permission, which have the same names. */
export const PERMISSION_MEMBERS = ['Action', 'FunctionUrlAuthType', 'Principal', 'SourceAccount', 'SourceArn'] as const;

/** What a permission grants. */
export function readPermission(input: JsonObject): Omit<PolicyStatement, 'Resource'> {
  const equals: Record<string, string> = {};
  if (input.SourceAccount !== undefined) equals['aws:SourceAccount'] = String(input.SourceAccount);
  if (input.FunctionUrlAuthType !== undefined) {
    equals['lambda:FunctionUrlAuthType'] = String(input.FunctionUrlAuthType);
  }
  const condition = {
    ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
    ...(input.SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': String(input.SourceArn) } }),
  };
  return {
    Effect: 'Allow',
    Principal: readPrincipal(String(input.Principal)),
    Action: String(input.Action),
    ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
  };
}

function readPrincipal(principal: string): PolicyPrincipal {
  if (principal === '*') return '*';
  if (principal.endsWith('.amazonaws.com')) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}
