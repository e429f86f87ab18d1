import { notImplemented } from '../aws-error.ts';
import type { DeployedResource, ResourceHandler, ResourceRequest } from '../deploy/resource.ts';
import type { AccountContext, JsonObject } from '../service.ts';
import { objectMember } from './request.ts';
import { type IndexDefinition, type KeySchema, streamArnOf, type Table } from './table-definition.ts';
import type { TableOperations } from './table-operations.ts';
import { readBilling, readEncryption, readSchema, readStream, readTags } from './table-settings.ts';
import type { Tables } from './tables.ts';

const SUFFIX_LENGTH = 12;

/** `AWS::DynamoDB::Table`. Ref: the name. GetAtt: Arn, StreamArn. */
export function tableHandler(ctx: AccountContext, tables: Tables, operations: TableOperations): ResourceHandler {
  return {
    type: 'AWS::DynamoDB::Table',
    properties: [
      'TableName',
      'KeySchema',
      'AttributeDefinitions',
      'BillingMode',
      'ProvisionedThroughput',
      'GlobalSecondaryIndexes',
      'LocalSecondaryIndexes',
      'StreamSpecification',
      'PointInTimeRecoverySpecification',
      'SSESpecification',
      'TimeToLiveSpecification',
      'DeletionProtectionEnabled',
      'Tags',
    ],
    async put(request) {
      const name = physicalName(request, ctx);
      const properties = fromTemplate(request.properties);
      const table = ctx.store.transaction(() => {
        const existing = tables.find(name);
        const made = existing ? bringTo(existing, properties) : operations.create({ ...properties, TableName: name });
        return applySettings(made, properties);
      });
      return deployed(table);
    },
    async delete(physicalId) {
      const table = tables.find(physicalId);
      if (table) operations.delete(table);
    },
  };

  /** Brings a table that is there to what the template says; its items stay. */
  function bringTo(table: Table, properties: JsonObject): Table {
    const { key, indexes } = readSchema(properties);
    if (!sameKey(key, table.key)) {
      throw notImplemented(
        `Replacing table ${table.name} because its KeySchema changed (its items would be lost; delete it first)`,
      );
    }
    const same = (index: IndexDefinition, others: readonly IndexDefinition[]) =>
      others.some((other) => JSON.stringify(other) === JSON.stringify(index));
    const local = (list: readonly IndexDefinition[]) => list.filter(({ kind }) => kind === 'local');
    const [wantedLocal, existingLocal] = [local(indexes), local(table.indexes)];
    if (wantedLocal.length !== existingLocal.length || !wantedLocal.every((index) => same(index, existingLocal))) {
      throw notImplemented(`Changing the local secondary indexes of table ${table.name}`);
    }

    let current = table;
    for (const index of table.indexes) if (!same(index, indexes)) current = operations.removeIndex(current, index.name);
    for (const index of indexes) if (!same(index, table.indexes)) current = operations.addIndex(current, index);
    return tables.replace(current, {
      ...readBilling(properties),
      stream: readStream(properties.StreamSpecification ?? { StreamEnabled: false }, current.stream, ctx.clock.now()),
      encryption: readEncryption(properties),
      deletionProtection: properties.DeletionProtectionEnabled === true,
      tags: readTags(properties),
    });
  }

  function applySettings(table: Table, properties: JsonObject): Table {
    const { PointInTimeRecoveryEnabled } = objectMember(properties, 'PointInTimeRecoverySpecification');
    const timeToLive = objectMember(properties, 'TimeToLiveSpecification');
    const attributeName = timeToLive.Enabled === true ? String(timeToLive.AttributeName) : undefined;
    const changed = tables.replace(table, { pointInTimeRecovery: PointInTimeRecoveryEnabled === true });
    return changed.timeToLiveAttribute === attributeName ? changed : operations.setTimeToLive(changed, attributeName);
  }
}

/** Where the CloudFormation property differs from the API's member of the same name. */
function fromTemplate(properties: JsonObject): JsonObject {
  // A template whose values came through parameters may carry booleans as text.
  const boolean = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value);
  const nested = Object.fromEntries(
    ['SSESpecification', 'TimeToLiveSpecification', 'PointInTimeRecoverySpecification']
      .filter((name) => properties[name] !== undefined)
      .map((name) => [
        name,
        Object.fromEntries(Object.entries(properties[name] as JsonObject).map(([key, value]) => [key, boolean(value)])),
      ]),
  );
  return { ...properties, ...nested, DeletionProtectionEnabled: boolean(properties.DeletionProtectionEnabled) };
}

/** A name as CloudFormation makes it when the template gives none: stack, logical id and a random part. */
function physicalName(request: ResourceRequest, ctx: AccountContext): string {
  const { properties, previous, stackName, logicalId } = request;
  if (typeof properties.TableName === 'string') return properties.TableName;
  return previous?.physicalId ?? `${stackName}-${logicalId}-${ctx.ids.hex(SUFFIX_LENGTH).toUpperCase()}`;
}

const sameKey = (left: KeySchema, right: KeySchema): boolean => JSON.stringify(left) === JSON.stringify(right);

function deployed(table: Table): DeployedResource {
  const streamArn = table.stream?.enabled ? streamArnOf(table) : undefined;
  return {
    physicalId: table.name,
    attributes: { Arn: table.arn, ...(streamArn === undefined ? {} : { StreamArn: streamArn }) },
  };
}
