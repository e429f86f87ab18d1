import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../domain/data-contract/cell.ts';
import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';
import { StorageUnavailable } from '../../domain/errors.ts';
import { openTable } from './open-table.ts';
import type { TableLimits } from './table-limits.ts';
import { memorySource, type TableSource } from './table-source.ts';

const bytesOf = (content: string | Uint8Array) => (typeof content === 'string' ? Buffer.from(content) : content);

/** The same bytes, streamed in pieces that end at the given places. */
const chunked = (bytes: Uint8Array, cuts: readonly number[]): TableSource => ({
  ...memorySource(bytes, 'data.csv'),
  stream: async () =>
    (async function* () {
      let from = 0;
      for (const cut of [...cuts].sort((a, b) => a - b)) {
        yield bytes.subarray(from, cut);
        from = cut;
      }
      yield bytes.subarray(from);
    })(),
});

async function readAll(source: TableSource, limits?: Partial<TableLimits>) {
  const table = await openTable(source, limits);
  const rows: (readonly Cell[])[] = [];
  for await (const batch of table.batches()) {
    expect(batch.firstRow).toBe(rows.length + 1);
    rows.push(...batch.rows);
  }
  return { format: table.format, header: table.header, rows };
}

const read = (content: string | Uint8Array, limits?: Partial<TableLimits>) =>
  readAll(memorySource(bytesOf(content), 'data.csv'), limits);

const unreadable = async (content: string | Uint8Array, limits?: Partial<TableLimits>): Promise<TableUnreadable> => {
  const error: unknown = await read(content, limits).catch((thrown) => thrown);
  if (!(error instanceof TableUnreadable)) throw new Error(`not refused: ${JSON.stringify(error)}`);
  return error;
};

describe('a CSV file is read', () => {
  const rows = [
    ['1', 'x'],
    ['2', 'y'],
  ];

  it.each([
    { case: 'with LF', content: 'a,b\n1,x\n2,y\n' },
    { case: 'with CRLF', content: 'a,b\r\n1,x\r\n2,y\r\n' },
    { case: 'with CR alone', content: 'a,b\r1,x\r2,y\r' },
    { case: 'without a last line break', content: 'a,b\n1,x\n2,y' },
    { case: 'with empty lines at its end', content: 'a,b\n1,x\n2,y\n\n\r\n' },
    { case: 'with a byte order mark', content: '\ufeffa,b\n1,x\n2,y\n' },
    { case: 'with everything quoted', content: '"a","b"\r\n"1","x"\r\n"2","y"' },
    { case: 'with semicolons', content: 'a;b\n1;x\n2;y\n' },
    { case: 'with tabs', content: 'a\tb\n1\tx\n2\ty\n' },
    { case: 'in UTF-16, little end first', content: Buffer.from('\ufeffa,b\r\n1,x\r\n2,y\r\n', 'utf16le') },
    { case: 'in UTF-16, big end first', content: Buffer.from('\ufeffa,b\r\n1,x\r\n2,y\r\n', 'utf16le').swap16() },
  ])('$case', async ({ content }) => {
    expect(await read(content)).toEqual({ format: 'csv', header: ['a', 'b'], rows });
  });

  it('with delimiters, quotes and line breaks in quoted cells', async () => {
    const { rows: cells } = await read('a,b\n"1,5","say ""hi"""\n"two\r\nlines",""""\n');
    expect(cells).toEqual([
      ['1,5', 'say "hi"'],
      ['two\r\nlines', '"'],
    ]);
  });

  it('with empty cells and NA as missing, quoted or not, and nothing else', async () => {
    const { rows: cells } = await read('a,b,c\n,"",NA\n"NA",na, \nN/A,NaN,0\n');
    expect(cells).toEqual([
      [null, null, null],
      [null, 'na', ' '],
      ['N/A', 'NaN', '0'],
    ]);
  });

  it('with a comma in a quoted name of a semicolon file', async () => {
    expect((await read('"a,b";c\n1;2\n')).header).toEqual(['a,b', 'c']);
  });

  it('with text of any script', async () => {
    const { header, rows: cells } = await read('naïve,日本\nØresund,😀\n');
    expect([header, ...cells]).toEqual([
      ['naïve', '日本'],
      ['Øresund', '😀'],
    ]);
  });
});

describe('a file that is no table is refused with its place', () => {
  const long = 'x'.repeat(10 * 1024 * 1024);
  it.each([
    { case: 'no bytes', content: '', rule: 'empty', message: /data\.csv is empty: it has 0 bytes/ },
    { case: 'a header alone', content: 'a,b\n', rule: 'empty', message: /has a header and no rows/ },
    {
      case: 'a column twice',
      content: 'a,b,a\n1,2,3\n',
      rule: 'header',
      message: /columns 1 and 3 of the header have the same name/,
    },
    {
      case: 'a column without a name',
      content: ',a\n0,1\n',
      rule: 'header',
      message: /column 1 of 2 has no name.*index=False/,
    },
    {
      case: 'a short row',
      content: 'a,b\n1,2\n3\n',
      rule: 'ragged-row',
      line: 3,
      message: /line 3 has 1 cells, the header has 2/,
    },
    {
      case: 'a long row',
      content: 'a,b\n"1\n",2\n3,4,5\n',
      rule: 'ragged-row',
      line: 4,
      message: /line 4 has 3 cells, the header has 2/,
    },
    {
      case: 'an empty line inside',
      content: 'a,b\n1,2\n\n3,4\n',
      rule: 'ragged-row',
      line: 3,
      message: /line 3 is empty, and rows follow/,
    },
    {
      case: 'a quote never closed',
      content: 'a,b\n1,2\n3,"4\n5,6\n',
      rule: 'broken-quote',
      line: 3,
      column: 3,
      message: /opens at line 3, column 3 is never closed/,
    },
    {
      case: 'a quote closed inside a cell',
      content: 'a,b\n1,"x"y\n',
      rule: 'broken-quote',
      line: 2,
      column: 3,
      message: /opens at line 2, column 3 closes at line 2, column 5/,
    },
    {
      case: 'a quote closed by the next one',
      content: 'a,b\n"1,2\n"x",3\n',
      rule: 'broken-quote',
      line: 2,
      column: 1,
      message: /opens at line 2, column 1 closes at line 3, column 1/,
    },
    {
      case: 'a quote inside a bare cell',
      content: 'a,b\n1,2\n3,5" disk\n',
      rule: 'broken-quote',
      line: 3,
      column: 4,
      message: /line 3, column 4/,
    },
    {
      case: 'a line of 10 MB',
      content: `a,b\n1,2\n${long},3\n`,
      rule: 'record-too-long',
      line: 3,
      message: /line 3 is longer than 1048576 characters/,
    },
    {
      case: 'a quote open for 10 MB',
      content: `a,b\n1,"${long}`,
      rule: 'broken-quote',
      line: 2,
      column: 3,
      message: /not closed within 1048576/,
    },
    {
      case: 'a byte of Latin-1',
      content: Buffer.from('a,b\n1,caf\xe9\n', 'latin1'),
      rule: 'encoding',
      line: 2,
      message: /line 2: byte 9 \(0xe9\) is not valid UTF-8/,
    },
    {
      case: 'half a character at the end',
      content: Buffer.from('a,b\n1,\u20ac').subarray(0, 8),
      rule: 'encoding',
      line: 2,
      message: /line 2: byte 6 \(0xe2\)/,
    },
    {
      case: 'an overlong character',
      content: Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0xc0, 0xaf]),
      rule: 'encoding',
      line: 2,
      message: /byte 4/,
    },
    { case: 'a NUL', content: 'a,b\n1,2\n3,\0\n', rule: 'encoding', line: 3, message: /line 3: there is a NUL/ },
    {
      case: 'UTF-16 without a mark',
      content: Buffer.from('a,b\n1,2\n', 'utf16le'),
      rule: 'encoding',
      line: 1,
      message: /UTF-16 without a byte order mark/,
    },
    {
      case: 'UTF-16 with half a pair',
      content: Buffer.from('\ufeffa,b\n1,\ud83d\n', 'utf16le'),
      rule: 'encoding',
      line: 2,
      message: /line 2: byte 14 is half of a UTF-16 surrogate/,
    },
    {
      case: 'UTF-16 with an odd byte',
      content: Buffer.concat([Buffer.from('\ufeffa,b\n', 'utf16le'), Buffer.from([0])]),
      rule: 'encoding',
      message: /half a UTF-16 character/,
    },
  ])('$case', async ({ content, rule, message, line, column }) => {
    const error = await unreadable(content);
    expect(error.rule).toBe(rule);
    expect(error.message).toMatch(message);
    if (line !== undefined) expect(error.line).toBe(line);
    if (column !== undefined) expect(error.column).toBe(column);
  });

  it('never with what a cell says', async () => {
    const headerless = await unreadable('Jane Doe,7,7\n');
    expect(headerless.message).not.toMatch(/Jane|7/);
    const { message } = await unreadable('name,iban\nJane Doe,"NL91ABNA"0417164300\n');
    expect(message).not.toMatch(/Jane|NL91|0417/);
  });

  it('a file or a header that is too large', async () => {
    expect(await unreadable('a,b\n1,2\n', { maxBytes: 7 })).toMatchObject({ rule: 'limit' });
    expect(await unreadable('a,b,c\n1,2,3\n', { maxColumns: 2 })).toMatchObject({ rule: 'header' });
  });

  it('a fault in the last chunk of many is named by its own line', async () => {
    const good = `a,b\n${'1,"two\nlines"\n'.repeat(100_000)}`;
    expect(await unreadable(`${good}"x`)).toMatchObject({ rule: 'broken-quote', line: 200_002, column: 1 });
    expect(await unreadable(Buffer.concat([Buffer.from(`${good}1,`), Buffer.from([0xff])]))).toMatchObject({
      rule: 'encoding',
      line: 200_002,
    });
    expect(await unreadable(`${good}1,2,3`)).toMatchObject({ rule: 'ragged-row', line: 200_002 });
  });
});

describe('a file of another format is refused by its name', () => {
  it.each([
    { case: 'gzip', head: [0x1f, 0x8b, 8, 0], message: /gzip-compressed.*decompress it/ },
    { case: 'ZIP', head: [...Buffer.from('PK\x03\x04........data.csv')], message: /a ZIP archive/ },
    {
      case: 'xlsx',
      head: [...Buffer.from('PK\x03\x04........[Content_Types].xml')],
      message: /Excel workbook \(\.xlsx\).*CSV UTF-8/,
    },
    { case: 'xls', head: [0xd0, 0xcf, 0x11, 0xe0, 0xa1], message: /Excel workbook \(\.xls\)/ },
    { case: 'PDF', head: [...Buffer.from('%PDF-1.7')], message: /a PDF/ },
    { case: 'PNG', head: [0x89, 0x50, 0x4e, 0x47, 0x0d], message: /a PNG image/ },
    { case: 'JSON object', head: [...Buffer.from('\ufeff {"a": 1}')], message: /is JSON/ },
    { case: 'JSON list', head: [...Buffer.from('[\n{"a":1}]')], message: /is JSON/ },
    { case: 'HTML', head: [...Buffer.from('<!DOCTYPE html><html>')], message: /HTML or XML/ },
    { case: 'Arrow', head: [...Buffer.from('ARROW1\0\0')], message: /Arrow.*Parquet/ },
    { case: 'pickle', head: [0x80, 0x04, 0x95], message: /Python pickle/ },
    { case: 'encrypted Parquet', head: [...Buffer.from('PARE....')], message: /encrypted Parquet/ },
  ])('$case', async ({ head, message }) => {
    const error = await unreadable(Uint8Array.from(head));
    expect(error.rule).toBe('format');
    expect(error.message).toMatch(message);
  });
});

describe('any table', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => !text.includes('\0') && text.isWellFormed()),
    fc.constantFrom('', 'NA', '"', ',', '\r', '\n', '\r\n', 'a"b', '1.5', ';', '\t'),
  );
  const written = (text: string) => (/[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text);
  const file = (rows: string[][], lineBreak: string) =>
    [['a', 'b', 'c'], ...rows].map((row) => row.map(written).join(',')).join(lineBreak) + lineBreak;

  it('comes back as it was written, in whatever chunks it arrives and whatever its line breaks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(400), { maxLength: 30 }),
        async (rows, lineBreak, cuts) => {
          const bytes = Buffer.from(file(rows, lineBreak));
          const expected = rows.map((row) => row.map((text) => (text === '' || text === 'NA' ? null : text)));
          const within = cuts.map((cut) => cut % bytes.length);
          expect((await readAll(chunked(bytes, within))).rows).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is read the same byte by byte over the bounds of chunks', async () => {
    const row = '"é😀","x ""y""\r\n",\u20ac\r\n';
    const bytes = Buffer.from(`a,b,c\r\n${row.repeat(12_000)}`);
    const whole = await readAll(memorySource(bytes, 'data.csv'));
    expect(whole.rows).toHaveLength(12_000);
    expect(whole.rows.every((cells) => cells.join('|') === 'é😀|x "y"\r\n|€')).toBe(true);
    for (let shift = 1; shift <= 40; shift += 1) {
      const { rows } = await readAll(chunked(bytes, [65_536 + shift, 140_000 + shift]));
      expect(rows).toEqual(whole.rows);
    }
  });
});

describe('a source', () => {
  it('that ends before its last byte is a storage fault, not a shorter table', async () => {
    const source = { ...memorySource(Buffer.from('a,b\n1,2\n'), 'data.csv'), bytes: 100 };
    await expect(readAll(source)).rejects.toBeInstanceOf(StorageUnavailable);
  });

  it('whose error comes through as it is', async () => {
    const fault = new StorageUnavailable('reset');
    const source: TableSource = {
      ...memorySource(Buffer.from('a,b\n1,2\n'), 'data.csv'),
      stream: async () =>
        (async function* () {
          yield Buffer.from('a,b\n1,');
          throw fault;
        })(),
    };
    await expect(readAll(source)).rejects.toBe(fault);
  });
});
