import type { JsonObject } from '../service.ts';
import { attribute, type Item, parseItem, typeOf } from './attribute-value.ts';
import { type Condition, parseCondition, pathsOf } from './expression/condition.ts';
import type { DocumentPath } from './expression/document-path.ts';
import { meetsCondition } from './expression/evaluate-condition.ts';
import { parseKeyCondition } from './expression/key-condition.ts';
import { Placeholders } from './expression/placeholders.ts';
import { parseProjection, project } from './expression/projection.ts';
import type { Items, StoredItem } from './items.ts';
import { positionKey } from './key.ts';
import { enumeration } from './request.ts';
import { type IndexDefinition, keyAttributes, type Table } from './table-definition.ts';
import { invalidParameters, validationError } from './validation.ts';

const MAX_PAGE_BYTES = 1024 * 1024;
const MAX_SEGMENTS = 1_000_000;

interface PageRequest {
  readonly table: Table;
  readonly index: IndexDefinition | undefined;
  readonly filter: Condition | undefined;
  readonly projection: readonly DocumentPath[] | undefined;
  readonly countOnly: boolean;
  readonly limit: number;
  readonly start: Item | undefined;
}

export function query(items: Items, table: Table, input: JsonObject): JsonObject {
  if (typeof input.KeyConditionExpression !== 'string') {
    throw validationError(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  }
  const placeholders = placeholdersOf(input);
  const index = readIndex(table, input);
  const schema = (index ?? table).key;
  const condition = parseKeyCondition(input.KeyConditionExpression, schema, placeholders);
  const request = readPageRequest(table, index, input, placeholders);
  assertNoKeysIn(request.filter, schema);
  const forward = input.ScanIndexForward !== false;
  return readPage(items.partition(table, index, condition.hash, condition.bounds, forward, request.start), request);
}

export function scan(items: Items, table: Table, input: JsonObject): JsonObject {
  const placeholders = placeholdersOf(input);
  const index = readIndex(table, input);
  const request = readPageRequest(table, index, input, placeholders);
  return readPage(items.scan(table, index, request.start, readSegment(input)), request);
}

const placeholdersOf = (input: JsonObject): Placeholders =>
  new Placeholders(input, [input.KeyConditionExpression, input.FilterExpression, input.ProjectionExpression]);

function readIndex(table: Table, input: JsonObject): IndexDefinition | undefined {
  if (input.IndexName === undefined || input.IndexName === null) return undefined;
  const index = table.indexes.find(({ name }) => name === input.IndexName);
  if (!index) throw validationError(`The table does not have the specified index: ${String(input.IndexName)}`);
  if (index.kind === 'global' && input.ConsistentRead === true) {
    throw validationError('Consistent reads are not supported on global secondary indexes');
  }
  return index;
}

function readPageRequest(
  table: Table,
  index: IndexDefinition | undefined,
  input: JsonObject,
  placeholders: Placeholders,
): PageRequest {
  const filter =
    input.FilterExpression === undefined
      ? undefined
      : parseCondition('FilterExpression', String(input.FilterExpression), placeholders);
  const projection =
    input.ProjectionExpression === undefined
      ? undefined
      : parseProjection(String(input.ProjectionExpression), placeholders);
  placeholders.assertAllUsed();
  const select = readSelect(index, input);
  return {
    table,
    index,
    filter,
    // An index with every attribute asked for reads the table through: only a local one may.
    projection: projection ?? (select === 'ALL_ATTRIBUTES' ? undefined : projectedPaths(table, index)),
    countOnly: select === 'COUNT',
    limit: readLimit(input),
    start: readStart(table, index, input),
  };
}

function readSelect(index: IndexDefinition | undefined, input: JsonObject): string {
  const otherwise =
    input.ProjectionExpression !== undefined
      ? 'SPECIFIC_ATTRIBUTES'
      : index
        ? 'ALL_PROJECTED_ATTRIBUTES'
        : 'ALL_ATTRIBUTES';
  const select = enumeration(
    input,
    'Select',
    ['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'],
    otherwise,
  );
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !index) {
    throw invalidParameters('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (select === 'SPECIFIC_ATTRIBUTES' && input.ProjectionExpression === undefined) {
    throw invalidParameters(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (select !== 'SPECIFIC_ATTRIBUTES' && input.ProjectionExpression !== undefined) {
    throw validationError(`Cannot specify the ProjectionExpression when choosing to get ${select}`);
  }
  if (select === 'ALL_ATTRIBUTES' && index?.kind === 'global' && index.projection.type !== 'ALL') {
    throw invalidParameters(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
  return select;
}

/** The attributes that an index carries; undefined when it carries all. */
function projectedPaths(table: Table, index: IndexDefinition | undefined): readonly DocumentPath[] | undefined {
  if (!index || index.projection.type === 'ALL') return undefined;
  const names = [...keyAttributes(table.key), ...keyAttributes(index.key)].map(({ name }) => name);
  return [...new Set([...names, ...index.projection.attributes])].map((name) => [name]);
}

function readLimit(input: JsonObject): number {
  if (input.Limit === undefined || input.Limit === null) return Number.POSITIVE_INFINITY;
  const limit = input.Limit;
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1) return limit;
  throw validationError(
    `1 validation error detected: Value '${String(limit)}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
  );
}

function readStart(table: Table, index: IndexDefinition | undefined, input: JsonObject): Item | undefined {
  if (input.ExclusiveStartKey === undefined || input.ExclusiveStartKey === null) return undefined;
  const start = parseItem(input.ExclusiveStartKey);
  const wanted = new Map(
    [...keyAttributes(table.key), ...(index ? keyAttributes(index.key) : [])].map(({ name, type }) => [name, type]),
  );
  const fits =
    Object.keys(start).length === wanted.size &&
    [...wanted].every(([name, type]) => {
      const value = attribute(start, name);
      return value !== undefined && typeOf(value) === type;
    });
  if (!fits) throw validationError('The provided starting key is invalid');
  return start;
}

function readSegment(input: JsonObject): { number: number; of: number } {
  const { Segment: segment, TotalSegments: total } = input;
  if (segment === undefined && total === undefined) return { number: 0, of: 1 };
  if (typeof segment !== 'number' || typeof total !== 'number') {
    throw validationError('The Segment and TotalSegments parameters must be given together');
  }
  if (
    !(
      Number.isInteger(total) &&
      total >= 1 &&
      total <= MAX_SEGMENTS &&
      Number.isInteger(segment) &&
      segment >= 0 &&
      segment < total
    )
  ) {
    throw validationError(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    );
  }
  return { number: segment, of: total };
}

function assertNoKeysIn(filter: Condition | undefined, schema: Table['key']): void {
  if (!filter) return;
  const used = new Set(pathsOf(filter).map(([name]) => name));
  for (const { name } of keyAttributes(schema)) {
    if (used.has(name)) {
      throw validationError(
        `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`,
      );
    }
  }
}

/** One page: at most `limit` items and 1 MB as read, before the filter. */
function readPage(stored: Iterable<StoredItem>, request: PageRequest): JsonObject {
  const kept: Item[] = [];
  let count = 0;
  let scanned = 0;
  let bytes = 0;
  let last: Item | undefined;
  let more = false;
  for (const { item, bytes: size } of stored) {
    if (scanned > 0 && bytes + size > MAX_PAGE_BYTES) {
      more = true;
      break;
    }
    scanned++;
    bytes += size;
    last = item;
    const visible = visibleThrough(request, item);
    if (!request.filter || meetsCondition(request.filter, visible)) {
      count++;
      if (!request.countOnly) kept.push(request.projection ? project(visible, request.projection) : visible);
    }
    if (scanned >= request.limit) {
      more = true;
      break;
    }
  }
  return {
    ...(request.countOnly ? {} : { Items: kept }),
    Count: count,
    ScannedCount: scanned,
    ...(more && last ? { LastEvaluatedKey: positionKey(request.table, request.index, last) } : {}),
  };
}

/** A filter on a global index sees only what the index carries. */
function visibleThrough({ table, index }: PageRequest, item: Item): Item {
  const paths = index?.kind === 'global' ? projectedPaths(table, index) : undefined;
  return paths ? project(item, paths) : item;
}
