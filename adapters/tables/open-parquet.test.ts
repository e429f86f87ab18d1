import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../domain/data-contract/cell.ts';
import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';
import { StorageUnavailable } from '../../domain/errors.ts';
import { openTable } from './open-table.ts';
import type { TableLimits } from './table-limits.ts';
import { memorySource, type TableSource } from './table-source.ts';

const parquet = (columnData: ColumnSource[], rowGroupSize = 1000): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));

async function readAll(source: TableSource, limits?: Partial<TableLimits>) {
  const table = await openTable(source, limits);
  const rows: (readonly Cell[])[] = [];
  for await (const batch of table.batches()) {
    expect(batch.firstRow).toBe(rows.length + 1);
    rows.push(...batch.rows);
  }
  return { format: table.format, header: table.header, rows };
}

const unreadable = async (bytes: Uint8Array, limits?: Partial<TableLimits>): Promise<TableUnreadable> => {
  const error: unknown = await readAll(memorySource(bytes, 'data.parquet'), limits).catch((thrown) => thrown);
  if (!(error instanceof TableUnreadable)) throw new Error(`not refused: ${error}`);
  return error;
};

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a Parquet file', () => {
  it('is read with its types, and null, NaN, empty text and NA as missing', async () => {
    const when = new Date('2026-01-02T03:04:05Z');
    const bytes = parquet([
      { name: 'i', data: [1, null, 3, 4], type: 'INT32', nullable: true },
      { name: 'l', data: [1n, 2n ** 53n, -3n, 0n], type: 'INT64' },
      { name: 'd', data: [0.5, Number.NaN, -1e300, 2], type: 'DOUBLE' },
      { name: 's', data: ['x', '', 'NA', 'é😀'], type: 'STRING' },
      { name: 'b', data: [true, false, null, true], type: 'BOOLEAN', nullable: true },
      { name: 't', data: [when, when, when, when], type: 'TIMESTAMP' },
    ]);
    expect(await readAll(memorySource(bytes))).toEqual({
      format: 'parquet',
      header: ['i', 'l', 'd', 's', 'b', 't'],
      rows: [
        [1, 1, 0.5, 'x', true, when],
        [null, 2n ** 53n, null, null, false, when],
        [3, -3, -1e300, null, null, when],
        [4, 0, 2, 'é😀', true, when],
      ],
    });
  });

  it('of many row groups is read group by group, each fetched once', async () => {
    const bytes = parquet([{ name: 'n', data: numbers(2500), type: 'INT32' }], 500);
    const ranges: [number, number][] = [];
    const source = memorySource(bytes, 'data.parquet');
    const counting: TableSource = {
      ...source,
      range: (start, end) => {
        ranges.push([start, end]);
        return source.range(start, end);
      },
    };
    const { rows } = await readAll(counting);
    expect(rows.flat()).toEqual(numbers(2500));
    // The head, the end of the footer, the footer, and the five groups.
    expect(ranges).toHaveLength(8);
  });

  it('is cut into windows that no group is too large for', async () => {
    const columns = numbers(100).map((column) => ({
      name: `c${column}`,
      data: numbers(12_000),
      type: 'INT32' as const,
    }));
    const table = await openTable(memorySource(parquet(columns, 12_000)));
    const sizes: number[] = [];
    for await (const { firstRow, rows } of table.batches()) {
      sizes.push(rows.length);
      expect(rows[0]![99]).toBe(firstRow - 1);
    }
    expect(sizes).toEqual([5000, 5000, 2000]);
  });
});

describe('a Parquet file is refused', () => {
  const good = parquet([
    { name: 'n', data: numbers(50), type: 'INT32' },
    { name: 's', data: numbers(50).map((n) => `text ${n}`), type: 'STRING' },
  ]);

  it('that was cut off', async () => {
    expect(await unreadable(good.subarray(0, good.length - 20))).toMatchObject({
      rule: 'corrupt',
      message: expect.stringContaining('cut off'),
    });
    expect(await unreadable(good.subarray(0, 6))).toMatchObject({ rule: 'corrupt' });
  });

  it('whose footer is larger than the file, or than is read', async () => {
    for (const length of [good.length, 0x7fffffff]) {
      const broken = Buffer.from(good);
      broken.writeUInt32LE(length, good.length - 8);
      const { rule } = await unreadable(broken);
      expect(['corrupt', 'limit']).toContain(rule);
    }
  });

  it('with lists or structs, by column', async () => {
    const { message, rule } = await unreadable(parquet([{ name: 'tags', data: [{ a: 1 }], type: 'JSON' }]));
    expect(rule).toBe('format');
    expect(message).toMatch(/column "tags"/);
  });

  it('without rows', async () => {
    expect(await unreadable(parquet([{ name: 'n', data: [], type: 'INT32' }]))).toMatchObject({ rule: 'empty' });
  });

  it('with a row group that no function has the memory for', async () => {
    expect(await unreadable(good, { maxRowGroupCells: 99 })).toMatchObject({
      rule: 'limit',
      message: expect.stringMatching(/100 cells.*row groups of 100000 rows/),
    });
    expect(await unreadable(good, { maxRowGroups: 0 })).toMatchObject({ rule: 'limit' });
  });

  it('by name and nothing else, or is read, with any one byte of its pages changed', async () => {
    const footer = good.length - 8 - Buffer.from(good).readUInt32LE(good.length - 8);
    let refused = 0;
    for (let at = 4; at < footer; at++) {
      const broken = Buffer.from(good);
      broken[at]! ^= 0x01;
      const result = await readAll(memorySource(broken)).catch((error) => error);
      if (result instanceof TableUnreadable) refused += 1;
      else expect(result.rows, `byte ${at}: ${result}`).toHaveLength(50);
    }
    expect(refused).toBeGreaterThan(0);
  });
});

it('an error of the source comes through as it is, not as a corrupt file', async () => {
  const source = memorySource(parquet([{ name: 'n', data: numbers(50), type: 'INT32' }]));
  const fault = new StorageUnavailable('reset');
  for (const failing of [1, 2, 3, 4]) {
    let calls = 0;
    const flaky: TableSource = {
      ...source,
      range: async (start, end) => {
        calls += 1;
        if (calls === failing) throw fault;
        return source.range(start, end);
      },
    };
    await expect(readAll(flaky)).rejects.toBe(fault);
  }
});
