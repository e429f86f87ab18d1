import { notImplemented } from '../aws-error.ts';
import { shown, structureOf, structuresOf, textsOf } from '../operation-input.ts';
import type { JsonObject } from '../service.ts';
import { enumeration, objectMember } from './request.ts';
import type {
  IndexDefinition,
  KeyAttribute,
  KeySchema,
  Projection,
  StreamDefinition,
  TableDefinition,
} from './table-definition.ts';
import { invalidParameters, validationError } from './validation.ts';

const NOT_DONE = [
  'ResourcePolicy',
  'OnDemandThroughput',
  'WarmThroughput',
  'ReplicaUpdates',
  'GlobalTableWitnessUpdates',
  'MultiRegionConsistency',
];
const MAX_GLOBAL_INDEXES = 20;
const MAX_LOCAL_INDEXES = 5;

/** Refuses by name the members of CreateTable and UpdateTable that are not done here. */
export function refuseUnsupportedSettings(operation: string, input: JsonObject): void {
  for (const member of NOT_DONE) {
    if (input[member] !== undefined) throw notImplemented(`${member} of dynamodb:${operation}`);
  }
  if (input.TableClass !== undefined && input.TableClass !== 'STANDARD') {
    throw notImplemented(`TableClass ${shown(input.TableClass)} of dynamodb:${operation}`);
  }
}

export type AttributeTypes = ReadonlyMap<string, KeyAttribute['type']>;

export function readAttributeTypes(raw: unknown): AttributeTypes {
  if (!Array.isArray(raw)) throw invalidParameters('Some AttributeDefinitions are not given');
  return new Map(
    structuresOf(raw, 'AttributeDefinitions').map((definition) => {
      const type = definition.AttributeType;
      if (type !== 'S' && type !== 'N' && type !== 'B') {
        throw validationError(
          `1 validation error detected: Value '${shown(type)}' at 'attributeDefinitions.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]`,
        );
      }
      return [textMember(definition, 'AttributeName'), type];
    }),
  );
}

/** The table's key and its indexes; every attribute defined must be a key, and every key defined. */
export function readSchema(input: JsonObject): { key: KeySchema; indexes: readonly IndexDefinition[] } {
  const types = readAttributeTypes(input.AttributeDefinitions);
  const key = readKeySchema(input.KeySchema, types);
  const indexes = [
    ...listMember(input, 'LocalSecondaryIndexes').map((raw) => readIndex(raw, 'local', types)),
    ...listMember(input, 'GlobalSecondaryIndexes').map((raw) => readIndex(raw, 'global', types)),
  ];
  assertIndexes(key, indexes);
  const used = new Set(
    [key, ...indexes.map((index) => index.key)].flatMap(({ hash, range }) => [hash.name, range?.name]),
  );
  const unused = [...types.keys()].filter((name) => !used.has(name));
  if (unused.length > 0) {
    throw invalidParameters(
      `Some AttributeDefinitions are not used. AttributeDefinitions: [${[...types.keys()].join(', ')}], keys used: [${[...used].filter(Boolean).join(', ')}]`,
    );
  }
  return { key, indexes };
}

function assertIndexes(key: KeySchema, indexes: readonly IndexDefinition[]): void {
  const names = indexes.map(({ name }) => name);
  const duplicate = names.find((name, at) => names.indexOf(name) !== at);
  if (duplicate !== undefined) throw invalidParameters(`Duplicate index name: ${duplicate}`);
  const locals = indexes.filter(({ kind }) => kind === 'local');
  if (locals.length > MAX_LOCAL_INDEXES) {
    throw invalidParameters('Number of LocalSecondaryIndexes exceeds per-table limit of 5');
  }
  if (indexes.length - locals.length > MAX_GLOBAL_INDEXES) {
    throw invalidParameters('GlobalSecondaryIndex count exceeds the per-table limit of 20');
  }
  for (const index of locals) {
    if (index.key.hash.name !== key.hash.name) {
      throw invalidParameters(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index.name}. index hash key: ${index.key.hash.name}, table hash key: ${key.hash.name}`,
      );
    }
  }
}

export const listMember = (input: JsonObject, member: string): readonly JsonObject[] =>
  structuresOf(input[member], member);

function textMember(structure: JsonObject, member: string): string {
  const value = structure[member];
  if (typeof value === 'string') return value;
  throw validationError(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must be a string`,
  );
}

function readKeySchema(raw: unknown, types: AttributeTypes): KeySchema {
  const [first, second, third] = Array.isArray(raw) ? structuresOf(raw, 'KeySchema') : [];
  if (first?.KeyType !== 'HASH' || third !== undefined || (second && second.KeyType !== 'RANGE')) {
    throw invalidParameters(
      'Invalid KeySchema: The first KeySchemaElement is not a HASH key type, or the second is not a RANGE key type',
    );
  }
  const attributeOf = (element: JsonObject): KeyAttribute => {
    const name = textMember(element, 'AttributeName');
    const type = types.get(name);
    if (!type) {
      throw invalidParameters(
        `Some index key attributes are not defined in AttributeDefinitions. Keys: [${name}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
      );
    }
    return { name, type };
  };
  return { hash: attributeOf(first), ...(second ? { range: attributeOf(second) } : {}) };
}

export function readIndex(raw: JsonObject, kind: IndexDefinition['kind'], types: AttributeTypes): IndexDefinition {
  return {
    name: textMember(raw, 'IndexName'),
    kind,
    key: readKeySchema(raw.KeySchema, types),
    projection: readProjection(raw.Projection === undefined ? undefined : structureOf(raw.Projection, 'Projection')),
  };
}

function readProjection(raw: JsonObject | undefined): Projection {
  const type = enumeration(raw ?? {}, 'ProjectionType', ['ALL', 'KEYS_ONLY', 'INCLUDE'], 'ALL');
  const attributes = textsOf(raw?.NonKeyAttributes, 'NonKeyAttributes');
  if ((type === 'INCLUDE') !== attributes.length > 0) {
    throw invalidParameters(
      `ProjectionType is ${type}, ${attributes.length > 0 ? 'but NonKeyAttributes is specified' : 'but NonKeyAttributes is not specified'}`,
    );
  }
  return { type, attributes };
}

/** The stream after a StreamSpecification; a stream switched on anew has a new label, hence a new ARN. */
export function readStream(
  raw: unknown,
  current: StreamDefinition | undefined,
  nowMs: number,
): StreamDefinition | undefined {
  if (raw === undefined) return current;
  const specification = structureOf(raw, 'StreamSpecification');
  // CloudFormation leaves StreamEnabled out and means true.
  if (specification.StreamEnabled === false) return current && { ...current, enabled: false };
  const viewType = enumeration(
    specification,
    'StreamViewType',
    ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'],
    'NEW_AND_OLD_IMAGES',
  );
  if (current?.enabled && current.viewType === viewType) return current;
  return { viewType, label: new Date(nowMs).toISOString().replace('Z', ''), enabled: true };
}

export function readBilling(input: JsonObject): Pick<TableDefinition, 'billingMode' | 'throughput'> {
  const given = input.ProvisionedThroughput;
  const raw = given === undefined || given === null ? undefined : structureOf(given, 'ProvisionedThroughput');
  const billingMode = enumeration(input, 'BillingMode', ['PROVISIONED', 'PAY_PER_REQUEST'], 'PROVISIONED');
  if (billingMode === 'PAY_PER_REQUEST') {
    if (raw) {
      throw invalidParameters(
        'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
      );
    }
    return { billingMode, throughput: undefined };
  }
  if (!raw) {
    throw invalidParameters(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  return { billingMode, throughput: { read: Number(raw.ReadCapacityUnits), write: Number(raw.WriteCapacityUnits) } };
}

export function readEncryption(input: JsonObject): TableDefinition['encryption'] {
  const { Enabled, SSEEnabled, KMSMasterKeyId } = objectMember(input, 'SSESpecification');
  if (Enabled !== true && SSEEnabled !== true) return undefined;
  return { type: 'KMS', ...(typeof KMSMasterKeyId === 'string' ? { keyArn: KMSMasterKeyId } : {}) };
}

export const readTags = (input: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(listMember(input, 'Tags').map(({ Key, Value }) => [String(Key), String(Value)]));
