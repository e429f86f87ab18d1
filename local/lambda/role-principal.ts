import type { Principal } from '../service.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** The function's role, as Lambda uses it to read streams and to send to destinations. */
export function rolePrincipal({ name, arn, roleArn }: Pick<FunctionDefinition, 'name' | 'arn' | 'roleArn'>): Principal {
  const [, , , , accountId = '', resource = ''] = roleArn.split(':');
  const role = resource.slice(resource.lastIndexOf('/') + 1);
  return {
    kind: 'assumed-role',
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`,
    roleArn,
    userId: `${role}:${name}`,
    takenBy: 'lambda.amazonaws.com',
    sourceArn: arn,
  };
}
