import { expect, test } from 'vitest';
import { colourPaint, paintFor, plainPaint } from './paint.ts';
import { formatTable } from './table.ts';

const columns = [{ title: 'RUN', keep: true }, { title: 'WHY' }, { title: 'TIME', align: 'right' }] as const;
const rows = [
  ['train-1', 'because new data came in this morning', '0.41 s'],
  ['train-22', 'data', '12.3 s'],
];

test('columns stand under their titles, numbers to the right', () => {
  expect(formatTable(columns, rows, { width: Number.POSITIVE_INFINITY })).toEqual([
    'RUN       WHY                                      TIME',
    'train-1   because new data came in this morning  0.41 s',
    'train-22  data                                   12.3 s',
  ]);
});

test('what does not fit is cut with an ellipsis, and never an id', () => {
  const lines = formatTable(columns, rows, { width: 30 });
  expect(lines).toEqual([
    'RUN       WHY             TIME',
    'train-1   because new…  0.41 s',
    'train-22  data          12.3 s',
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(30);
});

test('columns that may leave do so in their order, and only where the table does not fit', () => {
  const leaving = [
    { title: 'RUN', keep: true },
    { title: 'WHY', leaves: 2 },
    { title: 'TIME', leaves: 1 },
  ] as const;
  const titles = (width: number) => formatTable(leaving, rows, { width })[0]?.split(/ +/);
  expect(titles(80)).toEqual(['RUN', 'WHY', 'TIME']);
  expect(titles(50)).toEqual(['RUN', 'WHY']);
  expect(titles(30)).toEqual(['RUN']);
});

test('ids stay whole also where the window is far too narrow for them', () => {
  expect(formatTable(columns, rows, { width: 5 })[1]).toContain('train-1 ');
});

test('colour does not change the width of a cell', () => {
  const painted = formatTable(columns, [[{ text: 'train-1', paint: colourPaint.good }, 'data', '1 s']], { width: 80 });
  expect(painted[1]).toBe('\u001b[32mtrain-1\u001b[39m  data   1 s');
});

test('a key cannot move the cursor or paint the terminal', () => {
  const [, line] = formatTable([{ title: 'KEY' }], [['a\u001b[31m\u202eb\nc']], { width: 80 });
  expect(line).toBe('a\\u001b[31m\\u202eb⏎c');
});

test.each([
  { case: 'a terminal', variables: {}, isTerminal: true, paint: colourPaint },
  { case: 'a pipe', variables: {}, isTerminal: false, paint: plainPaint },
  { case: 'NO_COLOR', variables: { NO_COLOR: '1' }, isTerminal: true, paint: plainPaint },
  { case: 'a terminal that is dumb', variables: { TERM: 'dumb' }, isTerminal: true, paint: plainPaint },
  { case: 'FORCE_COLOR in a pipe', variables: { FORCE_COLOR: '1' }, isTerminal: false, paint: colourPaint },
])('colour for $case', ({ variables, isTerminal, paint }) => {
  expect(paintFor(variables, isTerminal)).toBe(paint);
});
