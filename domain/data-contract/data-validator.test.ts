import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnContract, DataContract } from '../model-definition.ts';
import type { Cell } from './cell.ts';
import type { DataReport, DataRule } from './data-report.ts';
import { createDataValidator } from './data-validator.ts';

const age: ColumnContract = { type: 'integer', min: 18, max: 100, missing: 0 };
const home: ColumnContract = { type: 'category', values: ['own', 'rent'], missing: 0 };
const label: ColumnContract = { type: 'category', values: ['bad', 'good'], missing: 0 };

/** A contract of the given columns and the target `label`. */
const contractOf = (columns: Record<string, ColumnContract>, changes: Partial<DataContract> = {}): DataContract => ({
  classification: 'confidential',
  target: { column: 'label', positive: 'bad' },
  rows: { min: 1, max: 100_000 },
  columns: { ...columns, label },
  unique: [],
  excludeFromTraining: [],
  ...changes,
});

function validate(contract: DataContract, header: readonly string[], rows: readonly (readonly Cell[])[]): DataReport {
  const validator = createDataValidator(contract);
  validator.header(header);
  rows.forEach((cells, index) => {
    validator.row(index + 1, cells);
  });
  return validator.finish();
}

/** One column of cells, among enough good rows of both classes. */
function validateColumn(column: ColumnContract, cells: readonly Cell[], good: Cell): DataReport {
  const padded = [...cells, ...Array.from({ length: Math.max(0, 40 - cells.length) }, () => good)];
  const rows = padded.map((cell, index) => [cell, index % 2 === 0 ? 'bad' : 'good']);
  return validate(contractOf({ x: column }), ['x', 'label'], rows);
}

const broken = (report: DataReport): Partial<Record<DataRule, number>> =>
  Object.fromEntries(report.violations.map(({ rule, count }) => [rule, count]));

describe('a table that meets its contract', () => {
  const rows = Array.from({ length: 40 }, (_, index) => [index % 2 ? 'bad' : 'good', 'own', String(20 + index)]);

  it('is accepted with its columns in any order', () => {
    const report = validate(contractOf({ age, home }), ['label', 'home', 'age'], rows);
    expect(report).toMatchObject({ verdict: 'accepted', rows: 40, violations: [] });
    expect(report.columns).toEqual([
      {
        name: 'label',
        type: 'category',
        missing: 0,
        min: null,
        max: null,
        distinct: 2,
        distinctIsLowerBound: false,
        levels: [
          { level: 'bad', count: 20 },
          { level: 'good', count: 20 },
        ],
      },
      {
        name: 'home',
        type: 'category',
        missing: 0,
        min: null,
        max: null,
        distinct: 1,
        distinctIsLowerBound: false,
        levels: [{ level: 'own', count: 40 }],
      },
      {
        name: 'age',
        type: 'integer',
        missing: 0,
        min: 20,
        max: 59,
        distinct: 40,
        distinctIsLowerBound: false,
        levels: null,
      },
    ]);
  });

  it('may be in several files that order their columns differently', () => {
    const validator = createDataValidator(contractOf({ age }));
    validator.header(['age', 'label']);
    for (let row = 1; row <= 20; row++) validator.row(row, ['30', row % 2 ? 'bad' : 'good']);
    validator.header(['label', 'age']);
    for (let row = 21; row <= 40; row++) validator.row(row, [row % 2 ? 'bad' : 'good', 40]);
    expect(validator.rows()).toBe(40);
    expect(validator.finish()).toMatchObject({ verdict: 'accepted', rows: 40 });
  });
});

describe('columns', () => {
  const contract = contractOf({ age, home });
  const messages = (header: string[]) =>
    validate(contract, header, []).violations.filter(({ rule }) => rule === 'columns');

  it('that are missing, unexpected or twice are named', () => {
    expect(messages(['label', 'ages', 'home', 'home'])).toEqual([
      {
        rule: 'columns',
        column: 'age',
        count: 1,
        rows: [],
        message: 'column "age" missing; the file has "label", "ages", "home", "home"',
      },
      expect.objectContaining({
        column: 'ages',
        message: expect.stringContaining('column "ages" not in the contract'),
      }),
      expect.objectContaining({ column: 'home', message: 'column "home" more than once in the header' }),
    ]);
  });

  it('with names that would break a terminal are told escaped and cut', () => {
    const [, unexpected] = messages(['label', 'home', `\u001b[31m\u202e${'x'.repeat(500)}`]);
    expect(unexpected?.message).toContain('\\u001b[31m\\u202e');
    expect(unexpected?.message.length).toBeLessThan(200);
  });

  it('are not told by name where the first line may be a row of data', () => {
    const [violation, ...others] = messages(['Jane Doe', '1985-01-02', 'own', 'label']);
    expect(others).toEqual([]);
    expect(violation).toMatchObject({ column: null, count: 5 });
    expect(violation?.message).toBe(
      '3 of the 4 names in the header are not in the contract, and "age", "home" missing; has the file a header, and is it a file of this model?',
    );
  });

  it('that are there are checked though others are missing', () => {
    const report = validate(contract, ['age', 'label'], [['17', 'bad']]);
    expect(broken(report)).toMatchObject({ columns: 1, range: 1 });
  });
});

describe('a cell', () => {
  const number: ColumnContract = { type: 'number', min: -1, max: 1, missing: 0 };
  const any: ColumnContract = { type: 'number', missing: 0 };
  it.each([
    {
      case: 'text in a number',
      column: any,
      cells: ['abc', '1,5', '0x10', 'Infinity', ' 1', '1e999', '--1', '.', true],
      good: 1,
      expected: { type: 9 },
    },
    {
      case: 'every way to write a number',
      column: any,
      cells: ['0', '-1', '+1', '.5', '5.', '1e3', '-1.5E-3', 12, 7n, '123456789012345678901234567890'],
      good: 1,
      expected: {},
    },
    { case: 'a fraction in an integer', column: age, cells: ['20.5', 20.5], good: 20, expected: { type: 2 } },
    { case: 'a whole number written with a point', column: age, cells: ['20.0', '2e1'], good: 20, expected: {} },
    {
      case: 'an integer beyond 2^53',
      column: { type: 'integer', missing: 0 } as const,
      cells: ['9007199254740993', 2n ** 53n],
      good: 20,
      expected: { type: 2 },
    },
    {
      case: 'below and above the bounds',
      column: number,
      cells: ['-1.01', '1.01', -2],
      good: 0,
      expected: { range: 3 },
    },
    { case: 'on the bounds', column: number, cells: ['-1', '1', -1, 1], good: 0, expected: {} },
    {
      case: 'a value that is not declared',
      column: home,
      cells: ['Own', 'own ', 'rent'],
      good: 'own',
      expected: { values: 2 },
    },
    {
      case: 'a number as a declared category',
      column: { type: 'category', values: ['0', '1'], missing: 0 } as const,
      cells: [0, 1n, '1'],
      good: '0',
      expected: {},
    },
    {
      case: 'booleans in any case',
      column: { type: 'boolean', missing: 0 } as const,
      cells: ['TRUE', 'False', true],
      good: false,
      expected: {},
    },
    {
      case: 'what is no boolean',
      column: { type: 'boolean', missing: 0 } as const,
      cells: ['yes', 1, 'T'],
      good: false,
      expected: { type: 3 },
    },
    {
      case: 'a date in a category',
      column: { type: 'category', missing: 0 } as const,
      cells: [new Date(0)],
      good: 'x',
      expected: { type: 1 },
    },
    {
      case: 'a text too long for a category',
      column: { type: 'category', missing: 0 } as const,
      cells: ['x'.repeat(257)],
      good: 'x',
      expected: { type: 1 },
    },
    {
      case: 'a formula in free text',
      column: { type: 'text', missing: 0 } as const,
      cells: ['=1+1', '+cmd|x', '-x', '@SUM(A1)', '\tx', '\rx'],
      good: 'x',
      expected: { formula: 6 },
    },
    {
      case: 'a signed number in free text',
      column: { type: 'text', missing: 0 } as const,
      cells: ['-1.5', '+31', '-2e3', 'a=b', "'=1"],
      good: 'x',
      expected: {},
    },
    {
      case: 'a formula in a category',
      column: home,
      cells: ['=HYPERLINK("x")', 'rent'],
      good: 'own',
      expected: { formula: 1 },
    },
    {
      case: 'a declared value that begins as a formula',
      column: { type: 'category', values: ['-5..0', 'x'], missing: 0 } as const,
      cells: ['-5..0'],
      good: 'x',
      expected: {},
    },
  ])('$case', ({ column, cells, good, expected }) => {
    const report = validateColumn(column, cells, good);
    expect(broken(report)).toEqual(expected);
    expect(report.verdict).toBe(Object.keys(expected).length === 0 ? 'accepted' : 'rejected');
  });
});

describe('missing cells', () => {
  const column = (missing: number): ColumnContract => ({ type: 'number', missing });
  const cells: Cell[] = ['', 'NA', null, Number.NaN, ...Array.from({ length: 36 }, () => 1)];

  it('are accepted up to the share that is allowed', () => {
    expect(broken(validateColumn(column(0.1), cells, 1))).toEqual({});
  });

  it('are refused above it, with the count, both shares and the rows', () => {
    const [violation] = validateColumn(column(0.09), cells, 1).violations;
    expect(violation).toEqual({
      rule: 'missing',
      column: 'x',
      count: 4,
      rows: [{ row: 1 }, { row: 2 }, { row: 3 }, { row: 4 }],
      message: 'column "x": 4 of 40 cells missing (10 %), at most 9 % allowed: rows 1, 2, 3, 4',
    });
  });
});

describe('uniqueness', () => {
  const id: ColumnContract = { type: 'text', missing: 0.5 };
  const contract = contractOf({ id, n: { type: 'number', missing: 0.5 } }, { unique: [['id', 'n']] });
  const repeats = (rows: Cell[][]) => {
    const padding = Array.from({ length: 40 }, (_, index): Cell[] => [`p${index}`, 0, index % 2 ? 'bad' : 'good']);
    const report = validate(contract, ['id', 'n', 'label'], [...rows.map((row) => [...row, 'bad']), ...padding]);
    return report.violations.find(({ rule }) => rule === 'unique');
  };

  it('names the later row of each repetition', () => {
    expect(
      repeats([
        ['a', 1],
        ['b', 1],
        ['a', 1],
        ['a', 2],
        ['a', 1],
      ]),
    ).toMatchObject({
      column: 'id + n',
      count: 2,
      rows: [{ row: 3 }, { row: 5 }],
      message: '"id" + "n" must be unique: 2 rows repeat an earlier one: rows 3, 5',
    });
  });

  it('compares numbers by their value', () => {
    expect(
      repeats([
        ['a', '1'],
        ['a', '1.0'],
        ['a', 1],
      ])?.count,
    ).toBe(2);
    expect(
      repeats([
        ['a', '0'],
        ['a', '-0'],
      ])?.count,
    ).toBe(1);
  });

  it('does not take the end of one cell for the start of the next', () => {
    expect(
      repeats([
        ['a1', 1],
        ['a', 11],
        ['a', '111'],
      ]),
    ).toBeUndefined();
  });

  it('takes a row with a missing cell for equal to none', () => {
    expect(
      repeats([
        ['a', null],
        ['a', ''],
        [null, 1],
        ['NA', 1],
      ]),
    ).toBeUndefined();
  });
});

describe('the table as a whole', () => {
  const rows = (bad: number, good: number): Cell[][] => [
    ...Array.from({ length: bad }, (): Cell[] => ['30', 'bad']),
    ...Array.from({ length: good }, (): Cell[] => ['30', 'good']),
  ];
  const check = (contract: DataContract, cells: Cell[][]) => validate(contract, ['age', 'label'], cells).violations;

  it('has rows within the bounds, both included', () => {
    const contract = contractOf({ age }, { rows: { min: 30, max: 40 } });
    expect(check(contract, rows(15, 15))).toEqual([]);
    expect(check(contract, rows(20, 20))).toEqual([]);
    expect(check(contract, rows(14, 15))).toMatchObject([
      { rule: 'rows', count: 29, message: '29 rows, at least 30 are needed' },
    ]);
    expect(check(contract, rows(21, 20))).toMatchObject([
      { rule: 'rows', count: 41, message: '41 rows, at most 40 are accepted' },
    ]);
  });

  it('has enough rows of both classes of the target', () => {
    expect(check(contractOf({ age }), rows(10, 30))).toEqual([]);
    expect(check(contractOf({ age }), rows(0, 40))).toMatchObject([
      {
        rule: 'target',
        column: 'label',
        count: 0,
        message: expect.stringContaining('0 of 40 rows are "bad", at least 10'),
      },
    ]);
    expect(check(contractOf({ age }), rows(35, 5))).toMatchObject([
      { rule: 'target', count: 5, message: expect.stringContaining('5 of 40 rows are not "bad"') },
    ]);
  });

  it('has a number target that is not always the same', () => {
    const contract = contractOf({}, { target: { column: 'y' }, columns: { y: { type: 'number', missing: 0 }, age } });
    const constant = validate(
      contract,
      ['y', 'age'],
      [
        ['1', '30'],
        ['1.0', '31'],
      ],
    );
    expect(constant.violations).toMatchObject([{ rule: 'target', column: 'y' }]);
    expect(
      validate(
        contract,
        ['y', 'age'],
        [
          ['1', '30'],
          ['2', '31'],
        ],
      ).verdict,
    ).toBe('accepted');
  });

  it('has no target cell that is missing', () => {
    expect(check(contractOf({ age }), [...rows(20, 20), ['30', '']])).toMatchObject([
      { rule: 'missing', column: 'label', count: 1 },
    ]);
  });

  it('is judged on 1001 levels of an undeclared category as on free text', () => {
    const levels = Array.from({ length: 1003 }, (_, index) => `level ${index}`);
    const report = validateColumn({ type: 'category', missing: 0 }, levels, 'x');
    expect(report.violations).toMatchObject([
      { rule: 'levels', count: 3, rows: [{ row: 1001 }, { row: 1002 }, { row: 1003 }] },
    ]);
    expect(report.columns[0]).toMatchObject({ distinct: 1000, distinctIsLowerBound: true, levels: null });
  });
});

describe('a violation', () => {
  it('names five rows and how many more there are', () => {
    const [violation] = validateColumn(
      age,
      Array.from({ length: 12 }, () => 'x'),
      20,
    ).violations;
    expect(violation?.rows.map(({ row }) => row)).toEqual([1, 2, 3, 4, 5]);
    expect(violation?.message).toMatch(/12 cells not a whole number: rows 1 .* and 7 more$/);
  });

  it('shows the shape of a cell and not what it says', () => {
    const report = validateColumn({ type: 'text', missing: 0 }, ['=Jane.Doe(1985)', '@NL91ABNA0417164300'], 'x');
    expect(report.violations[0]?.rows).toEqual([
      { row: 1, found: 'text "=Aaaa.Aaa(9999)"' },
      { row: 2, found: 'text "@AA99AAAA9999999"…, 19 characters' },
    ]);
    expect(validateColumn(age, ['34,5', 2.25], 20).violations[0]?.rows).toEqual([
      { row: 1, found: 'text "99,9"' },
      { row: 2, found: 'number "9.99"' },
    ]);
  });

  it('never holds a cell of the table, whatever it is', () => {
    const secret = fc
      .string({ unit: 'grapheme', minLength: 4, maxLength: 30 })
      .filter((text) => /\p{L}{3}|\d{3}/u.test(text));
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom<ColumnContract>(age, home, { type: 'text', missing: 0 }, { type: 'boolean', missing: 0 }),
        (text, column) => {
          const { violations } = validateColumn(column, [`=${text}`, text], 'own');
          const words = text.match(/\p{L}{3,}|\d{3,}/gu)!.filter((word) => !/^(a+|A+|9+)$/.test(word));
          for (const row of violations.flatMap(({ rows }) => rows))
            for (const word of words) expect(row.found ?? '').not.toContain(word);
        },
      ),
    );
  });
});

it('counts what a recount that keeps everything counts', () => {
  const cell = fc.oneof(
    fc.constantFrom<Cell>('', 'NA', null, '=x', 'own', 'rent', 'other', '5', '-3', '2.5', 'x'),
    fc.integer({ min: -20, max: 150 }).map(String),
  );
  const contract = contractOf({ a: age, b: home, c: { type: 'text', missing: 0.3 } }, { unique: [['a', 'c']] });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 60 }), (rows) => {
      const isAbsent = (value: Cell) => value === '' || value === 'NA' || value === null;
      const present = (column: number) =>
        rows
          .map((row) => row[column]!)
          .filter((value) => !isAbsent(value))
          .map(String);
      const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));
      const isWhole = (text: string) => isNumber(text) && Number.isInteger(Number(text));
      const keys = rows
        .filter(([a, , c]) => !isAbsent(a) && !isAbsent(c))
        .map(([a, , c]) => JSON.stringify([isNumber(String(a)) ? Number(a) : a, c]));

      const expected = {
        'a type': present(0).filter((text) => !isWhole(text)).length,
        'a range': present(0).filter((text) => isWhole(text) && (Number(text) < 18 || Number(text) > 100)).length,
        'a missing': rows.length - present(0).length,
        'b formula': present(1).filter((text) => text === '=x').length,
        'b values': present(1).filter((text) => !['own', 'rent', '=x'].includes(text)).length,
        'b missing': rows.length - present(1).length,
        'c formula': present(2).filter((text) => text === '=x').length,
        'c missing': (rows.length - present(2).length) / rows.length > 0.3 ? rows.length - present(2).length : 0,
        'a + c unique': keys.length - new Set(keys).size,
      };
      const report = validate(
        contract,
        ['a', 'b', 'c', 'label'],
        rows.map((row, index) => [...row, index % 2 ? 'bad' : 'good']),
      );
      const actual = Object.fromEntries(
        report.violations.map(({ column, rule, count }) => [`${column} ${rule}`, count]),
      );
      for (const [what, count] of Object.entries(expected)) expect(actual[what] ?? 0, what).toBe(count);
    }),
    { numRuns: 300 },
  );
});
