import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEvent } from '../../domain/audit-event.ts';
import { RegistryConflict, RegistryUnavailable } from '../../domain/errors.ts';
import type { Commit, CommitResult } from '../../domain/ports/registry.ts';
import { absent, changeItems, putItem } from './change-items.ts';
import { indexes, keys } from './keys.ts';
import { registryFailure } from './registry-failure.ts';

const OUTBOX_DAYS = 30;

/** The audit event's own item comes first, so that its cancellation reason is the first. */
function auditItem(tableName: string, audit: AuditEvent, output: unknown): TransactWriteItem {
  const item = {
    ...keys.audit(audit),
    entity: 'audit',
    body: audit,
    output: JSON.stringify(output ?? null),
    gsi2pk: indexes.audit,
    gsi2sk: `${audit.at}#${audit.key}`,
    ...(audit.model && { gsi1pk: indexes.auditOfModel(audit.model), gsi1sk: `${audit.at}#${audit.key}` }),
  };
  return putItem(tableName, item, absent);
}

function outboxItems(tableName: string, { facts }: Commit): TransactWriteItem[] {
  return facts.map((fact) =>
    putItem(tableName, {
      ...keys.outbox(fact.id),
      entity: 'outbox',
      body: fact,
      gsi2pk: indexes.facts,
      gsi2sk: `${fact.at}#${fact.id}`,
      expiresAtEpochSeconds: Math.floor(Date.parse(fact.at) / 1000) + OUTBOX_DAYS * 86_400,
    }),
  );
}

/** DynamoDB takes no two operations on one item in a transaction; the model's own item can be asked for more than once. */
function withoutRepeats(items: readonly TransactWriteItem[]): TransactWriteItem[] {
  const byKey = new Map<string, TransactWriteItem>();
  for (const item of items) {
    const key = `${item.Put?.Item?.pk?.S}\n${item.Put?.Item?.sk?.S}`;
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return [...byKey.values()];
}

/**
 * Writes a step's changes, facts and audit event in one TransactWriteItems. An answer that was lost is no danger: the
 * repeated transaction finds its own audit item and reports it as committed before.
 */
export async function commitTo(client: DynamoDBClient, tableName: string, commit: Commit): Promise<CommitResult> {
  const items = withoutRepeats([
    auditItem(tableName, commit.audit, commit.output),
    ...commit.lost.map((lost) => auditItem(tableName, lost, null)),
    ...commit.changes.flatMap((change) => changeItems(tableName, change)),
    ...outboxItems(tableName, commit),
  ]);
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
    return { committed: true };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw registryFailure(error, tableName);
    const reasons = error.CancellationReasons ?? [];
    const [own, ...others] = reasons;
    if (own?.Code === 'ConditionalCheckFailed' && own.Item) {
      return { committed: false, output: JSON.parse(String(unmarshall(own.Item).output)) };
    }
    const conflict = others.findIndex((reason) => reason.Code === 'ConditionalCheckFailed');
    if (conflict >= 0) {
      const item = items[conflict + 1]?.Put?.Item;
      throw new RegistryConflict(`${item?.pk?.S} ${item?.sk?.S} was changed by somebody else`, {
        cause: error,
      });
    }
    throw new RegistryUnavailable(`the transaction was cancelled: ${reasons.map((reason) => reason.Code).join(', ')}`, {
      cause: error,
    });
  }
}
