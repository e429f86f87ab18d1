import { formatArn } from '../arn.ts';
import { requireKeyUseByService } from '../kms/use-by-service.ts';
import type { AccountContext, Call } from '../service.ts';
import type { Table } from './table-definition.ts';

/**
 * What a caller must be allowed to do with a table's own key, through DynamoDB: who reads less than who writes.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
const OPERATIONS = {
  read: ['DescribeKey', 'Decrypt'],
  write: ['DescribeKey', 'Decrypt', 'Encrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'],
} as const;

const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'GetRecords', 'ConditionCheckItem']);

/** Throws AccessDeniedException when the caller may do `action` with the table and not with its key. */
export function requireTableKey(ctx: AccountContext, table: Table, action: string, call: Call): void {
  const keyArn = table.encryption?.keyArn;
  if (keyArn === undefined) return;
  requireKeyUseByService({
    call,
    service: 'dynamodb',
    keyArn: keyArn.startsWith('arn:')
      ? keyArn
      : formatArn('kms', ctx.region, ctx.accountId, keyArn.startsWith('alias/') ? keyArn : `key/${keyArn}`),
    operations: OPERATIONS[READS.has(action) ? 'read' : 'write'],
    encryptionContext: { 'aws:dynamodb:tableName': table.name, 'aws:dynamodb:subscriberId': ctx.accountId },
  });
}
