import { type DynamoDBClient, GetItemCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Arrival, DatasetVersion } from '../../domain/dataset.ts';
import type { Fact } from '../../domain/fact.ts';
import type { Comparison, Deployment, ModelVersion } from '../../domain/model-version.ts';
import type { AuditQuery, Registry } from '../../domain/ports/registry.ts';
import type { Approval, Evidence, Promotion } from '../../domain/promotion.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { commitTo } from './commit.ts';
import { indexes, keys } from './keys.ts';
import { registryFailure } from './registry-failure.ts';

export interface DynamoRegistry extends Registry {
  /** Newest first, at most `limit`: what was told lately. Eventually consistent; facts older than 30 days are gone. */
  facts(limit: number): Promise<readonly Fact[]>;
}

/** The Registry port on one DynamoDB table (docs/architecture.md, "The registry table"). */
export function createDynamoRegistry({
  client,
  tableName,
}: {
  client: DynamoDBClient;
  tableName: string;
}): DynamoRegistry {
  const unavailable = (error: unknown): never => {
    throw registryFailure(error, tableName);
  };

  async function get<T>(key: { pk: string; sk: string }): Promise<T | undefined> {
    const answer = await client
      .send(new GetItemCommand({ TableName: tableName, Key: marshall(key), ConsistentRead: true }))
      .catch(unavailable);
    return answer.Item && (unmarshall(answer.Item).body as T);
  }

  async function query<T>(input: Omit<QueryCommandInput, 'TableName'>, limit = Number.POSITIVE_INFINITY): Promise<T[]> {
    const bodies: T[] = [];
    let start: QueryCommandInput['ExclusiveStartKey'];
    do {
      const answer = await client
        .send(new QueryCommand({ TableName: tableName, ...input, ExclusiveStartKey: start }))
        .catch(unavailable);
      for (const item of answer.Items ?? []) bodies.push(unmarshall(item).body as T);
      start = answer.LastEvaluatedKey;
    } while (start && bodies.length < limit);
    return bodies.slice(0, limit);
  }

  const inPartition = (pk: string, prefix: string) => ({
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: marshall({ ':pk': pk, ':prefix': prefix }),
    ConsistentRead: true,
  });
  const inIndex = (index: 'gsi1' | 'gsi2', partition: string, newestFirst = false) => ({
    IndexName: index,
    KeyConditionExpression: `${index}pk = :pk`,
    ExpressionAttributeValues: marshall({ ':pk': partition }),
    ScanIndexForward: !newestFirst,
  });
  const byTime = (events: AuditEvent[]) =>
    events.sort((a, b) => (a.at === b.at ? (a.key < b.key ? -1 : 1) : a.at < b.at ? -1 : 1));

  return {
    arrival: (model, arrivalId) => get<Arrival>(keys.arrival(model, arrivalId)),
    async latestArrival(model) {
      const page = { ...inPartition(keys.model(model).pk, 'ARRIVED#'), ScanIndexForward: false, Limit: 1 };
      return (await query<Arrival>(page, 1))[0];
    },
    currentRecipe: (model) => get<Recipe>(keys.currentRecipe(model)),
    recipe: (model, digest) => get<Recipe>(keys.recipe(model, digest)),
    dataset: (model, digest) => get<DatasetVersion>(keys.dataset(model, digest)),
    async modelVersion(model, modelDigest) {
      const pointer = await get<{ version: number }>(keys.versionDigest(model, modelDigest));
      return pointer && get<ModelVersion>(keys.version(model, pointer.version));
    },
    modelVersions: (model) =>
      query<ModelVersion>({ ...inPartition(keys.model(model).pk, 'VERSION#'), ScanIndexForward: false }),
    comparison: (model, digest) => get<Comparison>(keys.comparison(model, digest)),
    deployment: (model) => get<Deployment>(keys.deployment(model)),
    async models() {
      return (await query<{ model: string }>(inIndex('gsi1', indexes.models))).map(({ model }) => model);
    },
    promotion: (promotionId) => get<Promotion>(keys.promotion(promotionId)),
    promotions: (model) => query<Promotion>(inIndex('gsi1', indexes.promotions(model), true)),
    evidence: (promotionId) => query<Evidence>(inPartition(keys.promotion(promotionId).pk, 'EVIDENCE#')),
    approvals: (promotionId) => query<Approval>(inPartition(keys.promotion(promotionId).pk, 'APPROVAL#')),
    async auditEvents(which: AuditQuery) {
      if ('runId' in which) {
        const condition = 'pk = :pk';
        const values = marshall({ ':pk': `AUDIT#${which.runId}` });
        return byTime(
          await query<AuditEvent>({
            KeyConditionExpression: condition,
            ExpressionAttributeValues: values,
            ConsistentRead: true,
          }),
        );
      }
      if ('model' in which) return query<AuditEvent>(inIndex('gsi1', indexes.auditOfModel(which.model)));
      return query<AuditEvent>(inIndex('gsi2', indexes.audit));
    },
    facts: (limit) => query<Fact>({ ...inIndex('gsi2', indexes.facts, true), Limit: Math.min(limit, 1000) }, limit),
    commit: (commit) => commitTo(client, tableName, commit),
  };
}
