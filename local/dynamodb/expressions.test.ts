import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AttributeValue, Item } from './attribute-value.ts';
import { openTestDynamoDb, TASKS, type TestDynamoDb } from './test-table.ts';

const TableName = 'tasks';
const Key: Item = { pk: { S: 'a' }, sk: { N: '1' } };
const ITEM: Item = {
  ...Key,
  n: { N: '10' },
  s: { S: 'hello' },
  b: { B: Buffer.from('bytes').toString('base64') },
  yes: { BOOL: true },
  nothing: { NULL: true },
  l: { L: [{ S: 'x' }, { N: '2' }, { M: { deep: { S: 'down' } } }] },
  m: { M: { kept: { N: '5' }, 'dotted.name': { S: 'd' } } },
  ss: { SS: ['a', 'b'] },
  ns: { NS: ['1', '2.5'] },
};

let db: TestDynamoDb;
beforeEach(() => {
  db = openTestDynamoDb();
  db.call('CreateTable', TASKS);
  db.call('PutItem', { TableName, Item: ITEM });
});
afterEach(() => db.dispose());

/** Placeholders for what the text uses. */
const VALUES: Record<string, AttributeValue> = {
  ':n': { N: '10' },
  ':five': { N: '5' },
  ':twenty': { N: '20.0' },
  ':hello': { S: 'hello' },
  ':he': { S: 'he' },
  ':x': { S: 'x' },
  ':b': { S: 'b' },
  ':by': { B: Buffer.from('by').toString('base64') },
  ':S': { S: 'S' },
  ':true': { BOOL: true },
  ':set': { SS: ['b', 'a'] },
  ':setB': { SS: ['b'] },
  ':setAll': { SS: ['a', 'b'] },
  ':list': { L: [{ S: 'y' }] },
  ':m': { M: { deep: { S: 'down' } } },
  ':two': { N: '2' },
  ':big': { N: '99999999999999999999999999999999999999' },
};
const NAMES: Record<string, string> = { '#m': 'm', '#d': 'dotted.name', '#size': 'size' };
const pick = <T>(all: Record<string, T>, text: string): Record<string, T> | undefined => {
  const used = Object.entries(all).filter(([name]) => new RegExp(`${name}(?![A-Za-z0-9_])`).test(text));
  return used.length === 0 ? undefined : Object.fromEntries(used);
};
const placeholders = (text: string) => ({
  ExpressionAttributeNames: pick(NAMES, text),
  ExpressionAttributeValues: pick(VALUES, text),
});

describe('conditions', () => {
  const holds = (ConditionExpression: string): boolean => {
    const input = { TableName, Key, ConditionExpression, ...placeholders(ConditionExpression) };
    try {
      db.call('UpdateItem', input);
      return true;
    } catch (error) {
      if ((error as { code: string }).code === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  };

  test.each([
    ['n = :n', true],
    ['n <> :n', false],
    ['n < :twenty AND n > :five AND n >= :n AND n <= :n', true],
    ['n > :n', false],
    ['n < :n', false],
    ['n BETWEEN :n AND :n', true],
    ['n = :hello', false],
    ['n <> :hello', true],
    ['n < :hello', false],
    ['absent = :n', false],
    ['absent <> :n', true],
    ['NOT absent = :n', true],
    ['n BETWEEN :five AND :twenty', true],
    ['NOT n BETWEEN :five AND :twenty', false],
    ['s IN (:x, :hello)', true],
    ['s in (:x, :b)', false],
    ['attribute_exists(m.kept) and attribute_not_exists(m.missed)', true],
    ['attribute_exists(l[2].deep)', true],
    ['attribute_exists(l[3])', false],
    ['attribute_type(s, :S)', true],
    ['attribute_type(n, :S)', false],
    ['begins_with(s, :he)', true],
    ['begins_with(b, :by)', true],
    ['begins_with(s, :x)', false],
    ['contains(s, :he)', true],
    ['contains(ss, :b)', true],
    ['contains(ns, :two)', false],
    ['contains(l, :x) AND contains(l, :two) AND contains(l, :m)', true],
    ['size(s) = :five', true],
    ['size(ss) = :two', true],
    ['size(n) = :two', false],
    ['ss = :set', true],
    ['yes = :true', true],
    ['l[2] = :m', true],
    ['#m.#d = :x OR n = :n', true],
    ['n = :five OR n = :n AND s = :x', false],
    ['(n = :n OR n = :five) AND NOT (s = :x)', true],
  ])('%s: %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test.each([
    ['n = ', 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="'],
    ['n = :n)', 'Invalid ConditionExpression: Syntax error; token: ")", near: ":n )"'],
    ['((n = :n))', 'Invalid ConditionExpression: The expression has redundant parentheses;'],
    ['name = :n', 'Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name'],
    [
      'n = :unknown',
      'Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :unknown',
    ],
    [
      '#unknown = :n',
      'Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #unknown',
    ],
    ['exists(n)', 'Invalid ConditionExpression: Invalid function name; function: exists'],
    [
      'begins_with(s)',
      'Invalid ConditionExpression: Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1',
    ],
    [
      'begins_with(s, :n)',
      'Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
    ],
    [
      'yes < :true',
      'Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: <, operand type: BOOL',
    ],
    [
      'n BETWEEN :twenty AND :five',
      'Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:20}, upper bound operand: AttributeValue: {N:5}',
    ],
    [
      'n = n',
      'Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]',
    ],
  ])('%s is refused as DynamoDB refuses it', (ConditionExpression, message) => {
    const input = { TableName, Key, ConditionExpression, ...placeholders(ConditionExpression) };
    expect(db.refusal('DeleteItem', input)).toMatchObject({ code: 'ValidationException', message });
    expect(db.call('GetItem', { TableName, Key }).Item).toEqual(ITEM);
  });

  test('a placeholder that no expression uses is refused', () => {
    const unused = {
      TableName,
      Key,
      ConditionExpression: 'n = :n',
      ExpressionAttributeValues: { ':n': { N: '1' }, ':o': { N: '1' } },
    };
    expect(db.refusal('DeleteItem', unused).message).toBe(
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:o}',
    );
    expect(db.refusal('DeleteItem', { TableName, Key, ExpressionAttributeValues: { ':n': { N: '1' } } }).message).toBe(
      'ExpressionAttributeValues can only be specified when using expressions',
    );
  });
});

describe('updates', () => {
  const update = (UpdateExpression: string): Item => {
    const input = { TableName, Key, UpdateExpression, ...placeholders(UpdateExpression), ReturnValues: 'ALL_NEW' };
    return db.call('UpdateItem', input).Attributes as Item;
  };

  test.each<[string, Record<string, unknown>]>([
    ['SET n = n + :five', { n: { N: '15' } }],
    ['SET n = :five - n', { n: { N: '-5' } }],
    ['SET tally = if_not_exists(tally, :five) + :two', { tally: { N: '7' } }],
    ['SET n = if_not_exists(n, :five)', { n: { N: '10' } }],
    ['SET l = list_append(l, :list)', { l: { L: [...(ITEM.l as { L: [] }).L, { S: 'y' }] } }],
    ['SET l = list_append(:list, l)', { l: { L: [{ S: 'y' }, ...(ITEM.l as { L: [] }).L] } }],
    ['SET fresh = list_append(if_not_exists(fresh, :list), :list)', { fresh: { L: [{ S: 'y' }, { S: 'y' }] } }],
    [
      'SET l[0] = :n, l[99] = :five',
      { l: { L: [{ N: '10' }, ...(ITEM.l as { L: AttributeValue[] }).L.slice(1), { N: '5' }] } },
    ],
    [
      'SET l[2].deep = :x, m.added = s',
      {
        l: { L: [{ S: 'x' }, { N: '2' }, { M: { deep: { S: 'x' } } }] },
        m: { M: { kept: { N: '5' }, 'dotted.name': { S: 'd' }, added: { S: 'hello' } } },
      },
    ],
    ['SET n = s, s = n', { n: { S: 'hello' }, s: { N: '10' } }],
    ['REMOVE n, m.kept', { n: undefined, m: { M: { 'dotted.name': { S: 'd' } } } }],
    ['REMOVE l[0], l[1]', { l: { L: [{ M: { deep: { S: 'down' } } }] } }],
    ['REMOVE absent, l[7]', {}],
    ['ADD n :five, fresh :two', { n: { N: '15' }, fresh: { N: '2' } }],
    ['ADD ss :setB, more :set', { ss: { SS: ['a', 'b'] }, more: { SS: ['b', 'a'] } }],
    ['DELETE ss :setB', { ss: { SS: ['a'] } }],
    ['DELETE ss :setAll', { ss: undefined }],
    ['DELETE absent :setAll', {}],
    [
      'SET s = :x REMOVE n ADD m.kept :five DELETE ss :setB',
      { s: { S: 'x' }, n: undefined, m: { M: { kept: { N: '10' }, 'dotted.name': { S: 'd' } } }, ss: { SS: ['a'] } },
    ],
    ['set n = :five', { n: { N: '5' } }],
  ])('%s', (text, changes) => {
    const expected = Object.fromEntries(
      Object.entries({ ...ITEM, ...changes }).filter(([, value]) => value !== undefined),
    );
    expect(update(text)).toEqual(expected);
    expect(db.call('GetItem', { TableName, Key }).Item).toEqual(expected);
  });

  test.each([
    [
      'SET pk = :x',
      'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key',
    ],
    ['SET n = absent', 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET n = absent + :five', 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET absent.kept = :n', 'The document path provided in the update expression is invalid for update'],
    ['SET s[0] = :n', 'The document path provided in the update expression is invalid for update'],
    ['SET n = s + :five', 'An operand in the update expression has an incorrect data type'],
    ['ADD s :five', 'An operand in the update expression has an incorrect data type'],
    ['SET n = :big + :five', 'Attempting to store more than 38 significant digits in a Number'],
    [
      'ADD n :hello',
      'Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeset: ALLOWED_FOR_ADD_OPERAND',
    ],
    [
      'SET m.kept = :n REMOVE m',
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m, kept], path two: [m]',
    ],
    [
      'SET n = :n SET s = :x',
      'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
    ],
    ['SET n :n', 'Invalid UpdateExpression: Syntax error; token: ":n", near: "n :n"'],
    ['', 'Invalid UpdateExpression: The expression can not be empty;'],
  ])('%s is refused and changes nothing', (UpdateExpression, message) => {
    const input = { TableName, Key, UpdateExpression, ...placeholders(UpdateExpression) };
    const refused = db.refusal('UpdateItem', input);
    expect(refused.code).toBe('ValidationException');
    expect(refused.message).toBe(message);
    expect(db.call('GetItem', { TableName, Key }).Item).toEqual(ITEM);
  });

  test('an update of an item that is not there makes it from its key', () => {
    const other = { pk: { S: 'new' }, sk: { N: '1' } };
    db.call('UpdateItem', {
      TableName,
      Key: other,
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    });
    expect(db.call('GetItem', { TableName, Key: other }).Item).toEqual({ ...other, n: { N: '1' } });
  });
});

describe('projections', () => {
  test.each([
    ['s, m.kept', { s: ITEM.s, m: { M: { kept: { N: '5' } } } }],
    ['l[2].deep, l[0]', { l: { L: [{ S: 'x' }, { M: { deep: { S: 'down' } } }] } }],
    ['absent, m.absent', {}],
    ['#m.#d', { m: { M: { 'dotted.name': { S: 'd' } } } }],
  ])('%s', (ProjectionExpression, expected) => {
    const { ExpressionAttributeNames } = placeholders(ProjectionExpression);
    expect(db.call('GetItem', { TableName, Key, ProjectionExpression, ExpressionAttributeNames }).Item).toEqual(
      expected,
    );
  });

  test('paths that overlap are refused', () => {
    expect(db.refusal('GetItem', { TableName, Key, ProjectionExpression: 'm, m.kept' }).message).toBe(
      'Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, kept]',
    );
  });
});
