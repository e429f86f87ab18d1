import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Change } from '../../domain/change.ts';
import { indexes, keys } from './keys.ts';

/** An item of the table: keys, what it is, what it says, and what conditions and indexes look at. */
export interface Item {
  readonly pk: string;
  readonly sk: string;
  readonly entity: string;
  readonly body: object;
  readonly [attribute: string]: unknown;
}

interface Condition {
  readonly expression: string;
  readonly values?: Record<string, unknown>;
  readonly names?: Record<string, string>;
}

export const putItem = (tableName: string, item: Item, condition?: Condition): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: marshall(item, { removeUndefinedValues: true }),
    ...(condition && {
      ConditionExpression: condition.expression,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...(condition.values && { ExpressionAttributeValues: marshall(condition.values) }),
      ...(condition.names && { ExpressionAttributeNames: condition.names }),
    }),
  },
});

export const absent: Condition = { expression: 'attribute_not_exists(pk)' };

const modelItem = (name: string): Item => ({
  ...keys.model(name),
  entity: 'model',
  body: { model: name },
  gsi1pk: indexes.models,
  gsi1sk: name,
});

/** The writes of one change. Several changes of one commit may touch the model's own item: it is put once. */
export function changeItems(tableName: string, change: Change): TransactWriteItem[] {
  const put = (item: Item, condition?: Condition) => putItem(tableName, item, condition);
  switch (change.change) {
    case 'record-arrival': {
      const { arrival } = change;
      const { model, arrivalId, arrivedAt } = arrival;
      return [
        put({ ...keys.arrival(model, arrivalId), entity: 'arrival', body: arrival }),
        put({ ...keys.arrived(model, arrivedAt, arrivalId), entity: 'arrived', body: arrival }),
        put(modelItem(model)),
      ];
    }
    case 'accept-recipe': {
      const { recipe, current } = change;
      const { model, recipeDigest } = recipe;
      const items = [
        put({ ...keys.recipe(model, recipeDigest), entity: 'recipe', body: recipe }),
        put(modelItem(model)),
      ];
      if (current) items.push(put({ ...keys.currentRecipe(model), entity: 'current-recipe', body: recipe }));
      return items;
    }
    case 'put-dataset': {
      const { dataset } = change;
      return [put({ ...keys.dataset(dataset.model, dataset.datasetDigest), entity: 'dataset', body: dataset })];
    }
    case 'register-version': {
      const { version } = change;
      return [
        put({ ...keys.version(version.model, version.version), entity: 'version', body: version }, absent),
        put(
          {
            ...keys.versionDigest(version.model, version.modelDigest),
            entity: 'version-digest',
            body: { version: version.version },
          },
          absent,
        ),
      ];
    }
    case 'put-comparison': {
      const { model, comparison } = change;
      return [put({ ...keys.comparison(model, comparison.modelDigest), entity: 'comparison', body: comparison })];
    }
    case 'open-promotion':
    case 'update-promotion': {
      const { promotion } = change;
      const item: Item = {
        ...keys.promotion(promotion.promotionId),
        entity: 'promotion',
        body: promotion,
        status: promotion.status,
        gsi1pk: indexes.promotions(promotion.request.model),
        gsi1sk: `${promotion.startedAt}#${promotion.promotionId}`,
      };
      if (change.change === 'open-promotion') return [put(item, absent)];
      const names = change.from.map((_, index) => `:status${index}`);
      return [
        put(item, {
          expression: `#status IN (${names.join(', ')})`,
          names: { '#status': 'status' },
          values: Object.fromEntries(change.from.map((status, index) => [`:status${index}`, status])),
        }),
      ];
    }
    case 'put-evidence': {
      const { evidence } = change;
      return [put({ ...keys.evidence(evidence.promotionId, evidence.test), entity: 'evidence', body: evidence })];
    }
    case 'put-approval': {
      const { approval } = change;
      return [put({ ...keys.approval(approval.promotionId, approval.by), entity: 'approval', body: approval }, absent)];
    }
    case 'move-pointer': {
      const { deployment, expectedRevision } = change;
      return [
        put(
          {
            ...keys.deployment(deployment.model),
            entity: 'deployment',
            body: deployment,
            revision: deployment.revision,
          },
          expectedRevision === 0
            ? absent
            : {
                expression: '#revision = :expected',
                names: { '#revision': 'revision' },
                values: { ':expected': expectedRevision },
              },
        ),
      ];
    }
  }
}
