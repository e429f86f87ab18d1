import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRow, readRows } from './read-rows.ts';

const features = [
  { name: 'Age', kind: 'number' },
  { name: 'Code', kind: 'category' },
] as const;

const file = (name: string, text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'rows-')), name);
  writeFileSync(path, text);
  return path;
};

test('cells of CSV are read as the features say, and other columns are left out', () => {
  expect(readRows(file('a.csv', '\ufeffStatus,Age,Code\ngood,30,007\nbad,NA,\n'), features)).toEqual([
    { Age: 30, Code: '007' },
    { Age: null, Code: null },
  ]);
});

test('a cell that is no number names its row and column', () => {
  expect(() => readRows(file('a.csv', 'Age,Code\n30,a\nold,b\n'), features)).toThrow(/row 2: Age is "old"/);
});

test.each([
  { case: 'an array', text: '[{"Age": 30}]' },
  { case: 'an object with rows', text: '{"rows": [{"Age": 30}]}' },
  { case: 'one row', text: '{"Age": 30}' },
  { case: 'JSON lines', text: '{"Age": 30}\n' },
])('JSON as $case', ({ text }) => {
  expect(readRows(file('a.json', text), features)).toEqual([{ Age: 30, Code: null }]);
});

test('several JSON lines are several rows', () => {
  expect(readRows(file('a.jsonl', '{"Age": 1}\n{"Age": 2}\n'), features)).toMatchObject([{ Age: 1 }, { Age: 2 }]);
});

test.each([
  ['{"Age": 3', /--row is not JSON/],
  ['[7]', /row 1 is no object/],
  ['{"Age": true}', /Age is boolean/],
  ['{"rows": 7}', /"rows" is no array/],
])('a row that cannot be one is refused: %s', (text, message) => {
  expect(() => parseRow(text, features)).toThrow(message);
});

test('what is not given is missing, and a name that is no feature stays for the endpoint to refuse', () => {
  expect(parseRow('{"Aeg": 30}', features)).toEqual([{ Age: null, Code: null, Aeg: 30 }]);
});
