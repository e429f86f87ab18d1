import { expect, test } from 'vitest';
import { LogFollower } from './log-follower.ts';
import type { LogLine, LogQuery } from './read-logs.ts';

const line = (n: number, atMs: number): LogLine => ({
  id: `train-model/${n}`,
  at: new Date(atMs).toISOString(),
  function: 'train-model',
  message: `line ${n}`,
});

function log() {
  const lines: LogLine[] = [];
  const asked: LogQuery[] = [];
  return {
    write: (...more: LogLine[]) => lines.push(...more),
    asked,
    read: async (query: LogQuery) => {
      asked.push(query);
      return lines.filter(({ at }) => Date.parse(at) >= query.fromMs).toSorted((a, b) => (a.at < b.at ? -1 : 1));
    },
  };
}

const said = (lines: readonly LogLine[]) => lines.map(({ message }) => message);

test('each line is told once, and one that shows late is told all the same', async () => {
  const { write, read } = log();
  const follower = new LogFollower(read, { fromMs: 0 });
  write(line(1, 100_000), line(2, 100_000));
  expect(said(await follower.next())).toEqual(['line 1', 'line 2']);
  write(line(4, 105_000));
  expect(said(await follower.next())).toEqual(['line 4']);
  write(line(3, 99_000));
  expect(said(await follower.next())).toEqual(['line 3']);
  expect(await follower.next()).toEqual([]);
});

test('what is read again stays within seconds, however long it follows', async () => {
  const { write, read, asked } = log();
  const follower = new LogFollower(read, { fromMs: 0, grep: 'line' });
  for (let n = 0; n < 100; n++) {
    write(line(n, n * 60_000));
    expect(said(await follower.next())).toEqual([`line ${n}`]);
  }
  expect(asked.at(-1)).toEqual({ fromMs: 98 * 60_000 - 10_000, grep: 'line' });
});
