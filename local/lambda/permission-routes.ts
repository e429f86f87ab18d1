import { shown } from '../operation-input.ts';
import type { Functions } from './functions.ts';
import { PERMISSION_MEMBERS, readPermission } from './permission.ts';
import { checkRevision, clientError, json, NO_CONTENT, notFound, permitted, type Route, readMembers } from './route.ts';

const POLICY = /^\/2015-03-31\/functions\/([^/]+)\/policy$/;
const STATEMENT = /^\/2015-03-31\/functions\/([^/]+)\/policy\/([^/]+)$/;

/** The operations on the policy of a function, of a version or of an alias: `Qualifier` says which. */
export function permissionRoutes(functions: Functions): readonly Route[] {
  return [
    {
      method: 'POST',
      path: POLICY,
      async answer(request, call, named = '') {
        const { name, qualifier } = permitted(functions, 'AddPermission', request, call, named);
        const members = await readMembers(request, ['StatementId', 'RevisionId', ...PERMISSION_MEMBERS]);
        const statementId = readStatementId(members.StatementId);
        for (const member of ['Action', 'Principal']) {
          if (typeof members[member] === 'string' && members[member] !== '') continue;
          const field = member.toLowerCase();
          throw clientError(
            'ValidationException',
            `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
          );
        }
        const { revisionId } = functions.require(name, qualifier);
        checkRevision(members.RevisionId, revisionId);
        if (functions.findStatement(name, qualifier, statementId)) {
          throw clientError(
            'ResourceConflictException',
            `The statement id (${statementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
            409,
          );
        }
        functions.putStatement(name, qualifier, statementId, readPermission(members));
        return json({ Statement: JSON.stringify(functions.findStatement(name, qualifier, statementId)) }, 201);
      },
    },
    {
      method: 'GET',
      path: POLICY,
      answer(request, call, named = '') {
        const { name, qualifier } = permitted(functions, 'GetPolicy', request, call, named);
        const { revisionId } = functions.require(name, qualifier);
        const policy = functions.qualifiedPolicyOf(name, qualifier);
        if (!policy) throw notFound('The resource you requested does not exist.');
        return json({ Policy: JSON.stringify(policy), RevisionId: revisionId });
      },
    },
    {
      method: 'DELETE',
      path: STATEMENT,
      answer(request, call, named = '', statementId = '') {
        const { name, qualifier } = permitted(functions, 'RemovePermission', request, call, named);
        checkRevision(request.query.get('RevisionId') ?? undefined, functions.require(name, qualifier).revisionId);
        if (!functions.deleteStatement(name, qualifier, statementId)) {
          throw notFound(`Statement ${statementId} is not found in resource policy.`);
        }
        return NO_CONTENT;
      },
    },
  ];
}

function readStatementId(value: unknown): string {
  if (typeof value === 'string' && /^[a-zA-Z0-9-_]{1,100}$/.test(value)) return value;
  throw clientError(
    'ValidationException',
    `1 validation error detected: Value '${shown(value)}' at 'statementId' failed to satisfy constraint: Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)`,
  );
}
