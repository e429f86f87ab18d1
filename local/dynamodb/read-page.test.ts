import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from './attribute-value.ts';
import { openTestDynamoDb, TASKS, type TestDynamoDb } from './test-table.ts';

const TableName = 'tasks';
let db: TestDynamoDb;
beforeEach(() => {
  db = openTestDynamoDb();
  db.call('CreateTable', TASKS);
});
afterEach(() => db.dispose());

const put = (pk: string, sk: string, more: Item = {}) =>
  db.call('PutItem', { TableName, Item: { pk: { S: pk }, sk: { N: sk }, ...more } });
const query = (more: object = {}) =>
  db.call('Query', {
    TableName,
    KeyConditionExpression: 'pk = :p',
    ExpressionAttributeValues: { ':p': { S: 'a' } },
    ...more,
  }) as { Items: Item[]; Count: number; ScannedCount: number; LastEvaluatedKey?: Item };
const sortKeys = (items: readonly Item[]) => items.map(({ sk }) => (sk as { N: string }).N);

describe('Query', () => {
  const NUMBERS = [
    '-1E-130',
    '-12345678901234567890',
    '-10.5',
    '-10',
    '-1.05',
    '-1',
    '0',
    '0.001',
    '0.1',
    '1',
    '1.05',
    '9',
    '10',
    '10.5',
    '123456789012345678901234567890',
    '1E+125',
  ];

  test('sort keys come in the order of their numbers, both ways', () => {
    for (const number of [...NUMBERS].sort()) put('a', number);
    const forward = sortKeys(query().Items).map(Number);
    expect(forward).toEqual([...forward].sort((a, b) => a - b));
    expect(forward).toHaveLength(NUMBERS.length);
    expect(sortKeys(query({ ScanIndexForward: false }).Items).map(Number)).toEqual(forward.toReversed());
  });

  test.each([
    ['sk = :x', ['2']],
    ['sk < :x', ['1']],
    ['sk <= :x', ['1', '2']],
    ['sk > :x', ['3', '4']],
    [':x <= sk', ['2', '3', '4']],
    ['sk BETWEEN :x AND :y', ['2', '3']],
  ])('pk = :p AND %s', (range, expected) => {
    for (const sk of ['1', '2', '3', '4']) {
      put('a', sk);
      put('b', sk);
    }
    const used = range.includes(':y') ? { ':y': { N: '3' } } : {};
    const found = query({
      KeyConditionExpression: `pk = :p AND ${range}`,
      ExpressionAttributeValues: { ':p': { S: 'a' }, ':x': { N: '2' }, ...used },
    });
    expect(sortKeys(found.Items)).toEqual(expected);
  });

  test('pages by Limit until there is no LastEvaluatedKey, and a filter counts what was scanned', () => {
    for (let at = 0; at < 7; at++) put('a', String(at), { even: { BOOL: at % 2 === 0 } });
    const seen: string[] = [];
    let ExclusiveStartKey: Item | undefined;
    let scanned = 0;
    do {
      const page = query({
        Limit: 3,
        FilterExpression: 'even = :t',
        ExpressionAttributeValues: { ':p': { S: 'a' }, ':t': { BOOL: true } },
        ExclusiveStartKey,
      });
      seen.push(...sortKeys(page.Items));
      scanned += page.ScannedCount;
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    expect(seen).toEqual(['0', '2', '4', '6']);
    expect(scanned).toBe(7);
    expect(query({ Select: 'COUNT' })).toEqual({ Count: 7, ScannedCount: 7 });
  });

  test('a page holds at most 1 MB', () => {
    const blob = { S: 'x'.repeat(300 * 1024) };
    for (const sk of ['1', '2', '3', '4', '5']) put('a', sk, { blob });
    const first = query();
    expect(first.Count).toBe(3);
    expect(sortKeys(query({ ExclusiveStartKey: first.LastEvaluatedKey }).Items)).toEqual(['4', '5']);
  });

  test.each([
    [{ KeyConditionExpression: 'sk = :p' }, 'Query condition missed key schema element: pk'],
    [{ KeyConditionExpression: 'pk > :p' }, 'Query key condition not supported'],
    [{ KeyConditionExpression: 'pk = :p AND title = :p' }, 'Query condition missed key schema element: sk'],
    [
      { FilterExpression: 'sk = :p' },
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
    ],
    [{ IndexName: 'none' }, 'The table does not have the specified index: none'],
    [{ ExclusiveStartKey: { pk: { S: 'a' } } }, 'The provided starting key is invalid'],
  ])('%j is refused', (more, message) => {
    const input = {
      TableName,
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'a' } },
      ...more,
    };
    expect(db.refusal('Query', input)).toMatchObject({ code: 'ValidationException', message });
  });
});

describe('a global secondary index', () => {
  const byHolder = (more: object = {}) =>
    db.call('Query', {
      TableName,
      IndexName: 'by-holder',
      KeyConditionExpression: 'holder = :h',
      ExpressionAttributeValues: { ':h': { S: 'ann' } },
      ...more,
    }) as { Items: Item[]; LastEvaluatedKey?: Item };

  test('follows its items: those that lack its key are not in it', () => {
    put('a', '1', { holder: { S: 'ann' }, due: { S: '2026-02' }, title: { S: 'one' }, secret: { S: 'x' } });
    put('a', '2', { holder: { S: 'ann' } });
    put('a', '3', { holder: { S: 'ann' }, due: { S: '2026-01' } });
    expect(byHolder().Items).toEqual([
      { pk: { S: 'a' }, sk: { N: '3' }, holder: { S: 'ann' }, due: { S: '2026-01' } },
      { pk: { S: 'a' }, sk: { N: '1' }, holder: { S: 'ann' }, due: { S: '2026-02' }, title: { S: 'one' } },
    ]);
    put('a', '1', { holder: { S: 'bob' }, due: { S: '2026-02' } });
    db.call('DeleteItem', { TableName, Key: { pk: { S: 'a' }, sk: { N: '3' } } });
    expect(byHolder().Items).toEqual([]);
  });

  test('pages through items with equal index keys', () => {
    for (let at = 0; at < 5; at++) put(`p${at}`, '1', { holder: { S: 'ann' }, due: { S: 'same' } });
    const seen = new Set<string>();
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = byHolder({ Limit: 2, ExclusiveStartKey });
      for (const { pk } of page.Items) seen.add((pk as { S: string }).S);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    expect([...seen].sort()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
  });

  test('refuses what it cannot give', () => {
    const input = {
      TableName,
      IndexName: 'by-holder',
      KeyConditionExpression: 'holder = :h',
      ExpressionAttributeValues: { ':h': { S: 'ann' } },
    };
    expect(db.refusal('Query', { ...input, ConsistentRead: true }).message).toBe(
      'Consistent reads are not supported on global secondary indexes',
    );
    expect(db.refusal('Query', { ...input, Select: 'ALL_ATTRIBUTES' }).message).toContain('projection type is not ALL');
  });
});

describe('Scan', () => {
  test('segments and pages together give every item once', () => {
    for (let at = 0; at < 40; at++) put(`p${at}`, '1');
    const seen: string[] = [];
    for (let Segment = 0; Segment < 4; Segment++) {
      let ExclusiveStartKey: Item | undefined;
      do {
        const page = db.call('Scan', { TableName, Segment, TotalSegments: 4, Limit: 3, ExclusiveStartKey });
        seen.push(...(page.Items as Item[]).map(({ pk }) => (pk as { S: string }).S));
        ExclusiveStartKey = page.LastEvaluatedKey as Item | undefined;
      } while (ExclusiveStartKey);
    }
    expect(seen).toHaveLength(40);
    expect(new Set(seen).size).toBe(40);
  });
});
