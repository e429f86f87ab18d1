import { AwsError, notImplemented } from '../aws-error.ts';
import { authorize } from '../iam/authorize.ts';
import { shown, structureOf } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';
import type { Items } from './items.ts';
import { objectMember } from './request.ts';
import type { IndexDefinition, Table, TableDefinition } from './table-definition.ts';
import { describeTable } from './table-description.ts';
import {
  listMember,
  readAttributeTypes,
  readBilling,
  readEncryption,
  readIndex,
  readSchema,
  readStream,
  readTags,
  refuseUnsupportedSettings,
} from './table-settings.ts';
import type { Tables } from './tables.ts';
import type { TimeToLive } from './time-to-live.ts';
import { validationError } from './validation.ts';

const MAX_NAMES = 100;

/** Operations on tables themselves. They take effect at once: a table is never seen CREATING or UPDATING. */
export class TableOperations {
  readonly #ctx: AccountContext;
  readonly #tables: Tables;
  readonly #items: Items;
  readonly #timeToLive: TimeToLive;

  constructor(ctx: AccountContext, tables: Tables, items: Items, timeToLive: TimeToLive) {
    this.#ctx = ctx;
    this.#tables = tables;
    this.#items = items;
    this.#timeToLive = timeToLive;
  }

  operations(): Operations {
    const on =
      (action: string, run: (table: Table, input: JsonObject) => JsonObject) => (input: JsonObject, call: Call) => {
        const name = this.#tables.nameOf(input.TableName);
        authorize({ call, action: `dynamodb:${action}`, resourceArn: this.#tables.arn(name) });
        return run(this.#tables.getForControl(name), input);
      };
    return {
      CreateTable: (input, call) => {
        const name = this.#tables.nameOf(input.TableName);
        authorize({ call, action: 'dynamodb:CreateTable', resourceArn: this.#tables.arn(name) });
        return { TableDescription: describeTable(this.create(input), this.#items) };
      },
      ListTables: (input, call) => {
        authorize({ call, action: 'dynamodb:ListTables', resourceArn: '*' });
        return this.#list(input);
      },
      DescribeTable: on('DescribeTable', (table) => ({ Table: describeTable(table, this.#items) })),
      UpdateTable: on('UpdateTable', (table, input) => ({
        TableDescription: describeTable(this.update(table, input), this.#items),
      })),
      DeleteTable: on('DeleteTable', (table) => {
        const TableDescription = describeTable(table, this.#items, 'DELETING');
        this.delete(table);
        return { TableDescription };
      }),
      DescribeTimeToLive: on('DescribeTimeToLive', (table) => ({
        TimeToLiveDescription:
          table.timeToLiveAttribute === undefined
            ? { TimeToLiveStatus: 'DISABLED' }
            : { TimeToLiveStatus: 'ENABLED', AttributeName: table.timeToLiveAttribute },
      })),
      UpdateTimeToLive: on('UpdateTimeToLive', (table, input) => this.#updateTimeToLive(table, input)),
      DescribeContinuousBackups: on('DescribeContinuousBackups', (table) => describeBackups(table)),
      UpdateContinuousBackups: on('UpdateContinuousBackups', (table, input) => {
        const { PointInTimeRecoveryEnabled } = objectMember(input, 'PointInTimeRecoverySpecification');
        const pointInTimeRecovery = PointInTimeRecoveryEnabled === true;
        return describeBackups(this.#ctx.store.transaction(() => this.#tables.replace(table, { pointInTimeRecovery })));
      }),
    };
  }

  create(input: JsonObject): Table {
    refuseUnsupportedSettings('CreateTable', input);
    const name = this.#tables.nameOf(input.TableName);
    const { clock, ids, store } = this.#ctx;
    const definition: TableDefinition = {
      name,
      tableUuid: ids.uuid(),
      createdAtMs: clock.now(),
      ...readSchema(input),
      stream: readStream(input.StreamSpecification, undefined, clock.now()),
      deletionProtection: input.DeletionProtectionEnabled === true,
      pointInTimeRecovery: false,
      ...readBilling(input),
      encryption: readEncryption(input),
      tags: readTags(input),
    };
    return store.transaction(() => {
      if (this.#tables.find(name)) {
        throw new AwsError('ResourceInUseException', `Table already exists: ${name}`, 400);
      }
      return this.#tables.insert(definition);
    });
  }

  update(table: Table, input: JsonObject): Table {
    refuseUnsupportedSettings('UpdateTable', input);
    return this.#ctx.store.transaction(() => {
      const billing =
        input.BillingMode === undefined && input.ProvisionedThroughput === undefined
          ? {}
          : readBilling({ BillingMode: table.billingMode, ...input });
      const changed = this.#tables.replace(table, {
        ...billing,
        stream: readStream(input.StreamSpecification, table.stream, this.#ctx.clock.now()),
        ...(input.DeletionProtectionEnabled === undefined
          ? {}
          : { deletionProtection: input.DeletionProtectionEnabled === true }),
        ...(input.SSESpecification === undefined ? {} : { encryption: readEncryption(input) }),
      });
      return this.#updateIndexes(changed, input);
    });
  }

  #updateIndexes(table: Table, input: JsonObject): Table {
    let current = table;
    for (const update of listMember(input, 'GlobalSecondaryIndexUpdates')) {
      if (update.Create) {
        const index = readIndex(
          structureOf(update.Create, 'Create'),
          'global',
          readAttributeTypes(input.AttributeDefinitions),
        );
        current = this.addIndex(current, index);
      } else if (update.Delete) {
        current = this.removeIndex(current, shown(structureOf(update.Delete, 'Delete').IndexName));
      } else {
        throw notImplemented('GlobalSecondaryIndexUpdates other than Create and Delete of dynamodb:UpdateTable');
      }
    }
    return current;
  }

  /** Within a transaction. */
  addIndex(table: Table, index: IndexDefinition): Table {
    if (table.indexes.some(({ name }) => name === index.name)) {
      throw validationError(`Attempting to create an index which already exists: ${index.name}`);
    }
    const changed = this.#tables.replace(table, { indexes: [...table.indexes, index] });
    this.#items.fillIndex(changed, index);
    return changed;
  }

  /** Within a transaction. */
  removeIndex(table: Table, indexName: string): Table {
    if (!table.indexes.some(({ name, kind }) => name === indexName && kind === 'global')) {
      throw new AwsError(
        'ResourceNotFoundException',
        `Requested resource not found: Index: ${indexName} not found`,
        400,
      );
    }
    this.#items.dropIndex(table, indexName);
    return this.#tables.replace(table, { indexes: table.indexes.filter(({ name }) => name !== indexName) });
  }

  delete(table: Table): void {
    if (table.deletionProtection) {
      throw validationError(
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    }
    this.#ctx.store.transaction(() => {
      this.#items.dropTable(table);
      this.#tables.remove(table);
    });
  }

  /** Switches time to live to an attribute, or off. */
  setTimeToLive(table: Table, timeToLiveAttribute: string | undefined): Table {
    return this.#ctx.store.transaction(() => {
      const changed = this.#tables.replace(table, { timeToLiveAttribute });
      this.#items.refreshExpiry(changed);
      this.#ctx.store.afterCommit(() => this.#timeToLive.arm());
      return changed;
    });
  }

  #updateTimeToLive(table: Table, input: JsonObject): JsonObject {
    const { Enabled, AttributeName } = objectMember(input, 'TimeToLiveSpecification');
    const enable = Enabled === true;
    if (enable === (table.timeToLiveAttribute !== undefined)) {
      throw validationError(`TimeToLive is already ${enable ? 'enabled' : 'disabled'}`);
    }
    this.setTimeToLive(table, enable ? String(AttributeName) : undefined);
    return { TimeToLiveSpecification: { Enabled: enable, AttributeName } };
  }

  #list(input: JsonObject): JsonObject {
    const limit = input.Limit === undefined ? MAX_NAMES : Number(input.Limit);
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= MAX_NAMES)) {
      throw validationError(
        `1 validation error detected: Value '${shown(input.Limit)}' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100`,
      );
    }
    const names = this.#tables.names(String(input.ExclusiveStartTableName ?? ''), limit + 1);
    const page = names.slice(0, limit);
    return { TableNames: page, ...(names.length > limit ? { LastEvaluatedTableName: page.at(-1) } : {}) };
  }
}

/** The settings are kept and told; there is nothing to recover from here but the store's own file. */
const describeBackups = (table: Table): JsonObject => ({
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: table.pointInTimeRecovery ? 'ENABLED' : 'DISABLED',
    },
  },
});
