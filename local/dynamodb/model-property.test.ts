import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttributeValue, Item } from './attribute-value.ts';
import { openTestDynamoDb, TASKS, type TestDynamoDb } from './test-table.ts';

/**
 * DynamoDB against a model that is a map of plain JavaScript values: after any series of writes both hold the same
 * items, and answer the same queries. Whole numbers only, so that the model may count with JavaScript's.
 */
const TableName = 'tasks';
const HOLDERS = ['ann', 'bob'];

interface Row {
  n?: number;
  holder?: string;
  due?: string;
  tags?: Set<string>;
}
type Model = Map<string, Row>;

type Action =
  | { kind: 'put'; pk: string; sk: number; row: Row; onlyNew: boolean }
  | { kind: 'delete'; pk: string; sk: number; onlyAbove: number | undefined }
  | { kind: 'add'; pk: string; sk: number; by: number }
  | { kind: 'tag'; pk: string; sk: number; tag: string; remove: boolean }
  | { kind: 'pass'; pk: string; sk: number; holder: string }
  | { kind: 'transact'; puts: { pk: string; sk: number; row: Row; onlyNew: boolean }[] };

const pk = fc.constantFrom('a', 'b', 'ü');
const sk = fc.integer({ min: -3, max: 3 });
const row: fc.Arbitrary<Row> = fc.record(
  { n: fc.integer({ min: -50, max: 50 }), holder: fc.constantFrom(...HOLDERS), due: fc.constantFrom('1', '2', '3') },
  { requiredKeys: [] },
);
const put = fc.record({ pk, sk, row, onlyNew: fc.boolean() });
const action: fc.Arbitrary<Action> = fc.oneof(
  put.map((fields) => ({ kind: 'put' as const, ...fields })),
  fc.record({
    kind: fc.constant('delete' as const),
    pk,
    sk,
    onlyAbove: fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('add' as const), pk, sk, by: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ kind: fc.constant('tag' as const), pk, sk, tag: fc.constantFrom('x', 'y', 'z'), remove: fc.boolean() }),
  fc.record({ kind: fc.constant('pass' as const), pk, sk, holder: fc.constantFrom(...HOLDERS) }),
  fc
    .uniqueArray(put, { minLength: 1, maxLength: 4, selector: (one) => keyOf(one) })
    .map((puts) => ({ kind: 'transact' as const, puts })),
);

const keyOf = ({ pk, sk }: { pk: string; sk: number }): string => JSON.stringify([pk, sk]);
const keyItem = ({ pk, sk }: { pk: string; sk: number }): Item => ({ pk: { S: pk }, sk: { N: String(sk) } });

function toItem(key: string, { n, holder, due, tags }: Row): Item {
  const [pk, sk] = JSON.parse(key) as [string, number];
  const attributes: Record<string, AttributeValue | undefined> = {
    n: n === undefined ? undefined : { N: String(n) },
    holder: holder === undefined ? undefined : { S: holder },
    due: due === undefined ? undefined : { S: due },
    tags: tags === undefined || tags.size === 0 ? undefined : { SS: [...tags].sort() },
  };
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return { ...keyItem({ pk, sk }), ...(Object.fromEntries(present) as Item) };
}

const sorted = (items: readonly Item[]): readonly Item[] =>
  items
    .map((item) => (item.tags && 'SS' in item.tags ? { ...item, tags: { SS: [...item.tags.SS].sort() } } : item))
    .sort((left, right) => (JSON.stringify([left.pk, left.sk]) < JSON.stringify([right.pk, right.sk]) ? -1 : 1));

/** Does it to both; both must take it or both refuse it. */
function perform(db: TestDynamoDb, model: Model, one: Action): void {
  const accepted = performOnModel(model, one);
  const [operation, input] = request(one);
  if (accepted) db.call(operation, input);
  else expect(db.refusal(operation, input).code).toMatch(/^(ConditionalCheckFailed|TransactionCanceled)Exception$/);
}

function performOnModel(model: Model, one: Action): boolean {
  if (one.kind === 'transact') {
    if (one.puts.some((each) => each.onlyNew && model.has(keyOf(each)))) return false;
    for (const each of one.puts) model.set(keyOf(each), { ...each.row });
    return true;
  }
  const key = keyOf(one);
  const before = model.get(key);
  switch (one.kind) {
    case 'put':
      if (one.onlyNew && before) return false;
      model.set(key, { ...one.row });
      return true;
    case 'delete':
      if (one.onlyAbove !== undefined && !(before?.n !== undefined && before.n > one.onlyAbove)) return false;
      model.delete(key);
      return true;
    case 'add':
      model.set(key, { ...before, n: (before?.n ?? 0) + one.by });
      return true;
    case 'tag': {
      const tags = new Set(before?.tags);
      if (one.remove) tags.delete(one.tag);
      else tags.add(one.tag);
      model.set(key, { ...before, tags });
      return true;
    }
    case 'pass':
      if (!before || before.holder === one.holder) return false;
      model.set(key, { ...before, holder: one.holder });
      return true;
  }
}

function putInput(each: { pk: string; sk: number; row: Row; onlyNew: boolean }): object {
  const condition = each.onlyNew ? { ConditionExpression: 'attribute_not_exists(pk)' } : {};
  return { TableName, Item: toItem(keyOf(each), each.row), ...condition };
}

function request(one: Action): [string, Record<string, unknown>] {
  if (one.kind === 'transact') {
    return ['TransactWriteItems', { TransactItems: one.puts.map((each) => ({ Put: putInput(each) })) }];
  }
  const Key = keyItem(one);
  switch (one.kind) {
    case 'put':
      return ['PutItem', { ...putInput(one) }];
    case 'delete': {
      const condition = {
        ConditionExpression: 'n > :n',
        ExpressionAttributeValues: { ':n': { N: String(one.onlyAbove) } },
      };
      return ['DeleteItem', { TableName, Key, ...(one.onlyAbove === undefined ? {} : condition) }];
    }
    case 'add':
      return [
        'UpdateItem',
        {
          TableName,
          Key,
          UpdateExpression: 'SET n = if_not_exists(n, :zero) + :by',
          ExpressionAttributeValues: { ':zero': { N: '0' }, ':by': { N: String(one.by) } },
        },
      ];
    case 'tag':
      return [
        'UpdateItem',
        {
          TableName,
          Key,
          UpdateExpression: `${one.remove ? 'DELETE' : 'ADD'} tags :tag`,
          ExpressionAttributeValues: { ':tag': { SS: [one.tag] } },
        },
      ];
    case 'pass':
      return [
        'UpdateItem',
        {
          TableName,
          Key,
          UpdateExpression: 'SET holder = :h',
          ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(holder) OR holder <> :h)',
          ExpressionAttributeValues: { ':h': { S: one.holder } },
        },
      ];
  }
}

function expectSame(db: TestDynamoDb, model: Model): void {
  const all = [...model].map(([key, value]) => toItem(key, value));
  expect(sorted(db.call('Scan', { TableName }).Items as Item[])).toEqual(sorted(all));

  const query = (expression: string, values: object, more: object = {}) =>
    db.call('Query', { TableName, KeyConditionExpression: expression, ExpressionAttributeValues: values, ...more })
      .Items as Item[];
  const from = { ':p': { S: 'a' }, ':from': { N: '-1' } };
  const partition = all
    .filter((item) => (item.pk as { S: string }).S === 'a' && Number((item.sk as { N: string }).N) >= -1)
    .sort((left, right) => Number((left.sk as { N: string }).N) - Number((right.sk as { N: string }).N));
  expect(query('pk = :p AND sk >= :from', from).map(({ sk }) => sk)).toEqual(partition.map(({ sk }) => sk));

  const held = all.filter(({ holder, due }) => holder && 'S' in holder && holder.S === 'ann' && due);
  const found = query('holder = :h', { ':h': { S: 'ann' } }, { IndexName: 'by-holder' });
  const identify = (items: readonly Item[]) => sorted(items.map(({ pk, sk, due }) => ({ pk, sk, due }) as Item));
  expect(identify(found)).toEqual(identify(held));
  const dues = found.map(({ due }) => (due as { S: string }).S);
  expect(dues).toEqual([...dues].sort());
}

test('after any series of writes the table, its index and its stream are what a plain map says', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
      const db = openTestDynamoDb();
      try {
        db.call('CreateTable', TASKS);
        const model: Model = new Map();
        for (const one of actions) perform(db, model, one);
        expectSame(db, model);
        db.reopen();
        expectSame(db, model);
        expect(replay(db)).toEqual(sorted([...model].map(([key, value]) => toItem(key, value))));
      } finally {
        db.dispose();
      }
    }),
    { numRuns: 25 },
  );
});

/** What the stream's new images, applied in order, add up to. */
function replay(db: TestDynamoDb): readonly Item[] {
  const { LatestStreamArn } = db.call('DescribeTable', { TableName }).Table as { LatestStreamArn: string };
  const items = new Map<string, Item>();
  for (const { dynamodb } of db.streams.read(LatestStreamArn, undefined, 10_000)) {
    const key = JSON.stringify(dynamodb.Keys);
    if (dynamodb.NewImage) items.set(key, dynamodb.NewImage);
    else items.delete(key);
  }
  return sorted([...items.values()]);
}
