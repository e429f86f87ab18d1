import { AwsError } from '../aws-error.ts';
import type { JsonObject } from '../service.ts';
import { attribute, type Item, MAX_ITEM_BYTES, parseItem, sizeOfItem } from './attribute-value.ts';
import { equalValues } from './comparison.ts';
import { applyUpdate } from './expression/apply-update.ts';
import { type Condition, parseCondition } from './expression/condition.ts';
import { meetsCondition } from './expression/evaluate-condition.ts';
import { Placeholders } from './expression/placeholders.ts';
import { project } from './expression/projection.ts';
import { parseUpdate, type UpdateExpression } from './expression/update.ts';
import type { Items } from './items.ts';
import { assertItemKeys, assertKey, extractKey } from './key.ts';
import { enumeration } from './request.ts';
import { keyAttributes, type Table } from './table-definition.ts';
import { invalidParameters, validationError } from './validation.ts';

/** One write of one item: parsed and checked, not yet done. */
export interface ItemWrite {
  readonly table: Table;
  readonly key: Item;
  readonly condition: Condition | undefined;
  /** The item to be, from the item that is; a ConditionCheck leaves it. Throws ValidationException. */
  readonly apply: (before: Item | undefined) => Item | undefined;
  /** ReturnValuesOnConditionCheckFailure: ALL_OLD */
  readonly returnOldOnFailure: boolean;
  /** The parsed update, for ReturnValues UPDATED_OLD and UPDATED_NEW. */
  readonly update?: UpdateExpression;
}

export interface WrittenItem {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export function planPut(table: Table, input: JsonObject): ItemWrite {
  const placeholders = new Placeholders(input, [input.ConditionExpression]);
  const condition = readCondition(input, placeholders);
  placeholders.assertAllUsed();
  const item = parseItem(input.Item);
  assertItemKeys(table, item);
  if (sizeOfItem(item) > MAX_ITEM_BYTES) throw validationError('Item size has exceeded the maximum allowed size');
  return { table, key: extractKey(table.key, item), condition, apply: () => item, ...failureAnswer(input) };
}

export function planDelete(table: Table, input: JsonObject): ItemWrite {
  const placeholders = new Placeholders(input, [input.ConditionExpression]);
  const condition = readCondition(input, placeholders);
  placeholders.assertAllUsed();
  return { table, key: readKey(table, input), condition, apply: () => undefined, ...failureAnswer(input) };
}

export function planConditionCheck(table: Table, input: JsonObject): ItemWrite {
  if (typeof input.ConditionExpression !== 'string') {
    throw validationError(
      "1 validation error detected: Value null at 'conditionExpression' failed to satisfy constraint: Member must not be null",
    );
  }
  return { ...planDelete(table, input), apply: (before) => before };
}

export function planUpdate(table: Table, input: JsonObject): ItemWrite {
  const placeholders = new Placeholders(input, [input.UpdateExpression, input.ConditionExpression]);
  const update =
    input.UpdateExpression === undefined ? NO_CHANGE : parseUpdate(String(input.UpdateExpression), placeholders);
  const condition = readCondition(input, placeholders);
  placeholders.assertAllUsed();
  const key = readKey(table, input);
  assertKeyUntouched(table, update);
  return {
    table,
    key,
    condition,
    update,
    apply(before) {
      const after = applyUpdate(update, before ?? key);
      assertItemKeys(table, after);
      if (sizeOfItem(after) > MAX_ITEM_BYTES) {
        throw validationError('Item size to update has exceeded the maximum allowed size');
      }
      return after;
    },
    ...failureAnswer(input),
  };
}

const NO_CHANGE: UpdateExpression = { set: [], remove: [], add: [], delete: [] };

function readKey(table: Table, input: JsonObject): Item {
  const key = parseItem(input.Key);
  assertKey(table, key);
  return key;
}

function readCondition(input: JsonObject, placeholders: Placeholders): Condition | undefined {
  if (input.ConditionExpression === undefined) return undefined;
  return parseCondition('ConditionExpression', String(input.ConditionExpression), placeholders);
}

const failureAnswer = (input: JsonObject): { returnOldOnFailure: boolean } => ({
  returnOldOnFailure:
    enumeration(input, 'ReturnValuesOnConditionCheckFailure', ['ALL_OLD', 'NONE'], 'NONE') === 'ALL_OLD',
});

function assertKeyUntouched(table: Table, update: UpdateExpression): void {
  const paths = [...update.set, ...update.add, ...update.delete].map(({ path }) => path).concat(update.remove);
  for (const { name } of keyAttributes(table.key)) {
    if (paths.some(([first]) => first === name)) {
      throw invalidParameters(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
}

/** The refusal of a write whose condition does not hold. */
export class ConditionFailure extends AwsError {
  constructor(item: Item | undefined) {
    super('ConditionalCheckFailedException', 'The conditional request failed', 400, item ? { Item: item } : {});
  }
}

/** What a write would do now. Throws ConditionFailure. */
export function evaluateWrite(items: Items, write: ItemWrite): WrittenItem {
  const before = items.read(write.table, write.key);
  if (write.condition && !meetsCondition(write.condition, before ?? {})) {
    throw new ConditionFailure(write.returnOldOnFailure ? before : undefined);
  }
  return { before, after: write.apply(before) };
}

export type ReturnValues = 'NONE' | 'ALL_OLD' | 'UPDATED_OLD' | 'ALL_NEW' | 'UPDATED_NEW';

/** The `Attributes` of an answer; undefined when there are none. */
export function returnedAttributes(
  write: ItemWrite,
  { before, after }: WrittenItem,
  wanted: ReturnValues,
): Item | undefined {
  switch (wanted) {
    case 'NONE':
      return undefined;
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before && updatedAttributes(write, before);
    case 'UPDATED_NEW':
      return after && updatedAttributes(write, after);
  }
}

/** The parts of the item that the update's paths name. */
function updatedAttributes(write: ItemWrite, item: Item): Item | undefined {
  const { set, add, delete: del, remove } = write.update ?? NO_CHANGE;
  const paths = [...set, ...add, ...del].map(({ path }) => path).concat(remove);
  const updated = project(item, paths);
  return Object.keys(updated).length === 0 ? undefined : updated;
}

/** Whether two writes name the same item. */
export const sameItem = (left: ItemWrite, right: ItemWrite): boolean =>
  left.table.id === right.table.id &&
  keyAttributes(left.table.key).every(({ name }) => {
    const [a, b] = [attribute(left.key, name), attribute(right.key, name)];
    return a !== undefined && b !== undefined && equalValues(a, b);
  });
