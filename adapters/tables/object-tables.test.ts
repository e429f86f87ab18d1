import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataContract } from '../../domain/model-definition.ts';
import type { ObjectLocation } from '../../domain/ports/object-store.ts';
import { createObjectTables } from './object-tables.ts';
import { TableOffContract } from './read-columns.ts';

const contract: DataContract = {
  classification: 'internal',
  target: { column: 'y', positive: 'yes' },
  rows: { min: 1, max: 1000 },
  columns: {
    id: { type: 'text', missing: 0 },
    n: { type: 'number', missing: 1 },
    c: { type: 'category', missing: 1 },
    b: { type: 'boolean', missing: 1 },
    skipped: { type: 'integer', missing: 0 },
    y: { type: 'category', values: ['no', 'yes'], missing: 0 },
  },
  unique: [],
  excludeFromTraining: ['id', 'skipped'],
};

/** Objects by key, each with one version; what was asked for is kept. */
function store(files: Record<string, string>) {
  const asked: ObjectLocation[] = [];
  const bytesOf = (location: ObjectLocation) => {
    asked.push(location);
    return Buffer.from(files[location.key]!);
  };
  return {
    asked,
    objects: {
      head: async (location: ObjectLocation) => ({ bytes: bytesOf(location).length, versionId: 'v1' }),
      range: async (location: ObjectLocation, start: number, end: number) => bytesOf(location).subarray(start, end + 1),
      stream: async (location: ObjectLocation) =>
        (async function* () {
          yield bytesOf(location);
        })(),
    },
  };
}

const at = (key: string): ObjectLocation => ({ bucket: 'data', key });
const load = (files: Record<string, string>) =>
  createObjectTables(store(files).objects).load(Object.keys(files).map(at), contract);

describe('the tables of a dataset', () => {
  it('are loaded one after the other, each in its own order of columns', async () => {
    const table = await load({
      'a.csv': 'id,n,c,b,skipped,y\nx,1.5,red,TRUE,1,no\ny,,blue,false,2,yes\n',
      'b.csv': 'y,skipped,b,c,n,id\nyes,3,,green,-2,z\n',
    });
    expect(table).toEqual({
      rows: 3,
      columns: [
        { name: 'n', kind: 'number', values: Float64Array.of(1.5, Number.NaN, -2) },
        { name: 'c', kind: 'category', codes: Int32Array.of(2, 0, 1), levels: ['blue', 'green', 'red'] },
        { name: 'b', kind: 'category', codes: Int32Array.of(1, 0, -1), levels: ['false', 'true'] },
        { name: 'y', kind: 'category', codes: Int32Array.of(0, 1, 1), levels: ['no', 'yes'] },
      ],
    });
  });

  it('are the same columns whatever the order of rows gives their levels', async () => {
    const row = fc.tuple(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom('a', 'b', 'Z', 'é', 'NA'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 1500 }), async (rows) => {
        const lines = rows.map(([n, c]) => `x,${n},${c},true,1,yes`);
        const { columns } = await load({ 'a.csv': ['id,n,c,b,skipped,y', ...lines].join('\n') });
        const [numbers, categories] = columns;
        if (numbers?.kind !== 'number' || categories?.kind !== 'category') throw new Error('kinds');
        expect([...numbers.values]).toEqual(rows.map(([n]) => Number(String(n))));
        expect(categories.levels).toEqual([...new Set(rows.map(([, c]) => c))].filter((c) => c !== 'NA').sort());
        const texts = [...categories.codes].map((code) => (code < 0 ? 'NA' : categories.levels[code]));
        expect(texts).toEqual(rows.map(([, c]) => c));
      }),
      { numRuns: 30 },
    );
  });

  it('that are off the contract after all are an error without the cell', async () => {
    const loading = load({ 'a.csv': 'id,n,c,b,skipped,y\nx,secret,red,true,1,no\n' });
    await expect(loading).rejects.toThrow(new TableOffContract('column "n", row 1: not a number'));
    await expect(load({ 'a.csv': 'id,n,c\n1,2,3\n' })).rejects.toThrow(
      new TableOffContract('the table has no column "b"'),
    );
  });
});

it('a table is read in the version that was measured, also where none was named', async () => {
  const { asked, objects } = store({ 'a.csv': 'a,b\n1,2\n' });
  const table = await createObjectTables(objects).open(at('a.csv'));
  for await (const { rows } of table.batches()) expect(rows).toEqual([['1', '2']]);
  expect(asked.slice(1).map(({ versionId }) => versionId)).toEqual(['v1', 'v1']);
});
