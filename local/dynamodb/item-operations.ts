import { authorize } from '../iam/authorize.ts';
import { structureOf, structuresOf } from '../operation-input.ts';
import type { AccountContext, Call, JsonObject, Operations } from '../service.ts';
import { attribute, type Item, parseItem, sizeOfItem } from './attribute-value.ts';
import { Placeholders } from './expression/placeholders.ts';
import { parseProjection, project } from './expression/projection.ts';
import {
  evaluateWrite,
  type ItemWrite,
  planDelete,
  planPut,
  planUpdate,
  type ReturnValues,
  returnedAttributes,
  sameItem,
} from './item-write.ts';
import type { Items } from './items.ts';
import { assertKey } from './key.ts';
import { query, scan } from './read-page.ts';
import { enumeration, objectMember, refuseUnsupported } from './request.ts';
import { indexArnOf, type Table } from './table-definition.ts';
import { requireTableKey } from './table-key.ts';
import type { Tables } from './tables.ts';
import type { TimeToLive } from './time-to-live.ts';
import { readTransactItems, TransactionWriter } from './transactions.ts';
import { validationError } from './validation.ts';

const MAX_BATCH_GET = 100;
const MAX_BATCH_WRITE = 25;
const MAX_BATCH_GET_BYTES = 16 * 1024 * 1024;

const OLD_OR_NONE: readonly ReturnValues[] = ['ALL_OLD', 'NONE'];
const ANY_RETURN: readonly ReturnValues[] = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'];

/** Reads and writes of items. Each write is one store transaction: on disk before it is answered. */
export class ItemOperations {
  readonly #ctx: AccountContext;
  readonly #tables: Tables;
  readonly #items: Items;
  readonly #timeToLive: TimeToLive;
  readonly #transactions: TransactionWriter;

  constructor(ctx: AccountContext, tables: Tables, items: Items, timeToLive: TimeToLive) {
    this.#ctx = ctx;
    this.#tables = tables;
    this.#items = items;
    this.#timeToLive = timeToLive;
    this.#transactions = new TransactionWriter(ctx, items);
  }

  operations(): Operations {
    return {
      GetItem: (input, call) => this.#getItem(input, call),
      PutItem: (input, call) => this.#writeItem('PutItem', planPut, OLD_OR_NONE, input, call),
      UpdateItem: (input, call) => this.#writeItem('UpdateItem', planUpdate, ANY_RETURN, input, call),
      DeleteItem: (input, call) => this.#writeItem('DeleteItem', planDelete, OLD_OR_NONE, input, call),
      Query: (input, call) => query(this.#items, this.#tableForPages('Query', input, call), input),
      Scan: (input, call) => scan(this.#items, this.#tableForPages('Scan', input, call), input),
      BatchGetItem: (input, call) => this.#batchGet(input, call),
      BatchWriteItem: (input, call) => this.#batchWrite(input, call),
      TransactWriteItems: (input, call) => this.#transactWrite(input, call),
      TransactGetItems: (input, call) => this.#transactGet(input, call),
    };
  }

  /** The table, once the caller may do this to it. `keys` are the items that are named, for `dynamodb:LeadingKeys`. */
  #table(action: string, tableName: unknown, call: Call, keys: readonly unknown[], enclosing?: string): Table {
    const name = this.#tables.nameOf(tableName);
    const table = this.#tables.find(name);
    const leading = table ? keys.flatMap((key) => leadingKey(table, key)) : [];
    authorize({
      call,
      action: `dynamodb:${action}`,
      resourceArn: this.#tables.arn(name),
      context: {
        ...(leading.length > 0 ? { 'dynamodb:LeadingKeys': leading } : {}),
        ...(enclosing === undefined ? {} : { 'dynamodb:EnclosingOperation': enclosing }),
      },
    });
    if (table) requireTableKey(this.#ctx, table, action, call);
    return table ?? this.#tables.get(name);
  }

  #tableForPages(action: 'Query' | 'Scan', input: JsonObject, call: Call): Table {
    refuseUnsupported(action, input);
    const name = this.#tables.nameOf(input.TableName);
    const table = this.#tables.find(name);
    const indexed = table && typeof input.IndexName === 'string' ? indexArnOf(table, input.IndexName) : undefined;
    authorize({ call, action: `dynamodb:${action}`, resourceArn: indexed ?? this.#tables.arn(name) });
    if (table) requireTableKey(this.#ctx, table, action, call);
    return table ?? this.#tables.get(name);
  }

  #getItem(input: JsonObject, call: Call): JsonObject {
    refuseUnsupported('GetItem', input);
    const item = this.#read(this.#table('GetItem', input.TableName, call, [input.Key]), input);
    return item ? { Item: item } : {};
  }

  #read(table: Table, input: JsonObject): Item | undefined {
    const placeholders = new Placeholders(input, [input.ProjectionExpression]);
    const paths =
      input.ProjectionExpression === undefined
        ? undefined
        : parseProjection(String(input.ProjectionExpression), placeholders);
    placeholders.assertAllUsed();
    const key = parseItem(input.Key);
    assertKey(table, key);
    const item = this.#items.read(table, key);
    return item && paths ? project(item, paths) : item;
  }

  #writeItem(
    action: string,
    plan: (table: Table, input: JsonObject) => ItemWrite,
    returns: readonly ReturnValues[],
    input: JsonObject,
    call: Call,
  ): JsonObject {
    refuseUnsupported(action, input);
    const table = this.#table(action, input.TableName, call, [input.Key ?? input.Item]);
    const wanted = readReturnValues(input, returns);
    const write = plan(table, input);
    const written = this.#commit(() => {
      const result = evaluateWrite(this.#items, write);
      this.#items.write(table, result.before, result.after);
      return result;
    });
    const attributes = returnedAttributes(write, written, wanted);
    return attributes ? { Attributes: attributes } : {};
  }

  #commit<T>(fn: () => T): T {
    const result = this.#ctx.store.transaction(fn);
    this.#timeToLive.arm();
    return result;
  }

  #batchGet(input: JsonObject, call: Call): JsonObject {
    refuseUnsupported('BatchGetItem', input);
    const requests = Object.entries(objectMember(input, 'RequestItems')).map(([tableName, request]) => {
      const structure = structureOf(request, 'RequestItems');
      return { tableName, request: structure, rawKeys: structuresOf(structure.Keys, 'Keys') };
    });
    const total = requests.reduce((sum, { rawKeys }) => sum + rawKeys.length, 0);
    assertBatchSize(total, MAX_BATCH_GET, 'BatchGetItem');
    const responses: Record<string, Item[]> = {};
    const unprocessed: Record<string, JsonObject> = {};
    let bytes = 0;
    for (const { tableName, request, rawKeys } of requests) {
      refuseUnsupported('BatchGetItem', request);
      const keys = rawKeys.map((key) => parseItem(key));
      const table = this.#table('BatchGetItem', tableName, call, keys);
      assertDistinctKeys(table, keys);
      const found: Item[] = [];
      const left: Item[] = [];
      for (const key of keys) {
        const item = bytes >= MAX_BATCH_GET_BYTES ? undefined : this.#read(table, { ...request, Key: key });
        if (bytes >= MAX_BATCH_GET_BYTES) left.push(key);
        if (!item) continue;
        bytes += sizeOfItem(item);
        found.push(item);
      }
      responses[tableName] = found;
      if (left.length > 0) unprocessed[tableName] = { ...request, Keys: left };
    }
    return { Responses: responses, UnprocessedKeys: unprocessed };
  }

  #batchWrite(input: JsonObject, call: Call): JsonObject {
    refuseUnsupported('BatchWriteItem', input);
    const requests = Object.entries(objectMember(input, 'RequestItems')).map(
      ([tableName, list]) => [tableName, structuresOf(list, 'RequestItems')] as const,
    );
    assertBatchSize(
      requests.reduce((sum, [, list]) => sum + list.length, 0),
      MAX_BATCH_WRITE,
      'BatchWriteItem',
    );
    const writes = requests.flatMap(([tableName, list]) => {
      const keys = list.map((request) => batchSubject(request));
      const table = this.#table('BatchWriteItem', tableName, call, keys);
      return list.map((request) =>
        request.PutRequest
          ? planPut(table, { Item: (request.PutRequest as JsonObject).Item })
          : planDelete(table, { Key: (request.DeleteRequest as JsonObject | undefined)?.Key }),
      );
    });
    for (const [at, write] of writes.entries()) {
      if (writes.slice(0, at).some((other) => sameItem(write, other))) {
        throw validationError('Provided list of item keys contains duplicates');
      }
    }
    this.#commit(() => {
      for (const write of writes) {
        const { before, after } = evaluateWrite(this.#items, write);
        this.#items.write(write.table, before, after);
      }
    });
    return { UnprocessedItems: {} };
  }

  #transactWrite(input: JsonObject, call: Call): JsonObject {
    refuseUnsupported('TransactWriteItems', input);
    const entries = readTransactItems(input).map((entry) => {
      const action = entry.action === 'ConditionCheck' ? 'ConditionCheckItem' : `${entry.action}Item`;
      const table = this.#table(
        action,
        entry.input.TableName,
        call,
        [entry.input.Key ?? entry.input.Item],
        'TransactWriteItems',
      );
      return { entry, table };
    });
    this.#transactions.write(input, entries);
    this.#timeToLive.arm();
    return {};
  }

  #transactGet(input: JsonObject, call: Call): JsonObject {
    refuseUnsupported('TransactGetItems', input);
    const entries = structuresOf(input.TransactItems, 'TransactItems');
    assertBatchSize(entries.length, MAX_BATCH_GET, 'TransactGetItems');
    const responses = entries.map(({ Get }) => {
      if (!Get) throw validationError('TransactItems can only contain Get');
      const get = structureOf(Get, 'Get');
      const item = this.#read(this.#table('GetItem', get.TableName, call, [get.Key], 'TransactGetItems'), get);
      return item ? { Item: item } : {};
    });
    return { Responses: responses };
  }
}

function readReturnValues(input: JsonObject, allowed: readonly ReturnValues[]): ReturnValues {
  const wanted = enumeration<ReturnValues>(input, 'ReturnValues', ANY_RETURN, 'NONE');
  if (!allowed.includes(wanted)) throw validationError(`Return values set to invalid value`);
  return wanted;
}

function leadingKey(table: Table, key: unknown): readonly string[] {
  if (typeof key !== 'object' || key === null) return [];
  const value = attribute(key as Item, table.key.hash.name) as Record<string, unknown> | undefined;
  const text = value?.[table.key.hash.type];
  return typeof text === 'string' ? [text] : [];
}

function batchSubject(request: JsonObject): unknown {
  const members = Object.keys(request).filter((key) => request[key] !== undefined);
  const [member] = members;
  if (members.length !== 1 || (member !== 'PutRequest' && member !== 'DeleteRequest')) {
    throw validationError('Supplied WriteRequest must contain exactly one of PutRequest and DeleteRequest');
  }
  const body = structureOf(request[member], member);
  return member === 'PutRequest' ? body.Item : body.Key;
}

function assertBatchSize(size: number, max: number, operation: string): void {
  if (size === 0) {
    throw validationError(
      `1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  }
  if (size > max) throw validationError(`Too many items requested for the ${operation} call`);
}

function assertDistinctKeys(table: Table, keys: readonly Item[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    assertKey(table, key);
    const text = JSON.stringify([
      attribute(key, table.key.hash.name),
      table.key.range && attribute(key, table.key.range.name),
    ]);
    if (seen.has(text)) throw validationError('Provided list of item keys contains duplicates');
    seen.add(text);
  }
}
