import fc from 'fast-check';

/**
 * Fragments of both languages over the data that generated machines pass on: an object with the members of `machineInput`, and the
 * variables `num`, `txt`, `arr` and `rec`, which every generated machine assigns first. A few in a hundred lead nowhere or fail.
 */
export const machineInput = fc.record({
  n: fc.integer({ min: -9, max: 99 }),
  s: fc.constantFrom('hello', 'a b c', 'übel', ''),
  b: fc.boolean(),
  list: fc.array(fc.integer({ min: -3, max: 9 }), { minLength: 1, maxLength: 4 }),
  words: fc.array(fc.constantFrom('x', 'yy', 'zzz'), { minLength: 2, maxLength: 3 }),
  obj: fc.record({ k: fc.integer({ min: 0, max: 9 }), t: fc.constantFrom('tea', 'hello') }),
  sec: fc.integer({ min: 1, max: 40 }),
  when: fc.constantFrom('2025-12-31T23:59:59Z', '2026-01-01T00:00:20Z', '2026-01-01T00:02:00Z'),
  json: fc.constantFrom('{"a":[1,2]}', '[true,null]', '"text"'),
});

export type MachineInput = typeof machineInput extends fc.Arbitrary<infer T> ? T : never;

const rarely = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: rare });

// --- JSONPath ---

const numberPath = fc.constantFrom(
  '$.n',
  '$.obj.k',
  '$.list[0]',
  '$.list[-1]',
  "$['n']",
  '$num',
  '$rec.k',
  '$arr[0]',
  '$$.State.RetryCount',
);
const textPath = fc.constantFrom(
  '$.s',
  '$.obj.t',
  '$.words[1]',
  '$txt',
  '$rec.t',
  '$$.Execution.Name',
  '$$.State.Name',
  '$$.State.EnteredTime',
);
const listPath = fc.constantFrom(
  '$.list',
  '$.words',
  '$arr',
  '$arr[0:2]',
  '$arr[*]',
  '$rec.rows[*].n',
  '$rec.rows[?(@.n > 1)]',
  '$..k',
  '$$.Execution.Input.list',
);
const objectPath = fc.constantFrom('$.obj', '$rec', '$', '$$.Execution.Input');

/** Only Task, Parallel and Map count retries. */
const withoutRetries = (path: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  path.map((text) => (text === '$$.State.RetryCount' ? '$.n' : text));

const literal = fc.constantFrom('1', '2', '-3', 'true', "'word'");
const number = fc.oneof(numberPath, fc.constantFrom('0', '4', '-2'));
const list = fc.oneof(
  listPath,
  fc.tuple(number, number).map(([one, two]) => `States.Array(${one}, ${two})`),
  fc.constantFrom('States.ArrayRange(1, 9, 3)', 'States.ArrayRange(5, -5, -4)'),
);
const text = fc.oneof(
  textPath,
  fc.constantFrom("'some words'", "'it is'"),
  textPath.map((path) => `States.Base64Encode(${path})`),
);

const call: fc.Arbitrary<string> = rarely(
  fc.oneof(
    fc.tuple(number, number).map(([left, right]) => `States.MathAdd(${left}, ${right})`),
    fc.tuple(fc.oneof(text, number, list), literal).map(([one, two]) => `States.Format('{} and {}', ${one}, ${two})`),
    list.map((of) => `States.ArrayLength(${of})`),
    list.map((of) => `States.ArrayUnique(${of})`),
    list.map((of) => `States.ArrayPartition(${of}, 2)`),
    fc.tuple(list, number).map(([of, one]) => `States.ArrayContains(${of}, ${one})`),
    fc.constantFrom(
      'States.ArrayGetItem($.list, 0)',
      "States.Base64Decode('aGVsbG8=')",
      'States.StringToJson($.json)',
      'States.UUID()',
    ),
    fc.tuple(text, fc.constantFrom('MD5', 'SHA-256', 'SHA-512')).map(([of, by]) => `States.Hash(${of}, '${by}')`),
    fc.tuple(objectPath, objectPath).map(([left, right]) => `States.JsonMerge(${left}, ${right}, false)`),
    fc.oneof(list, objectPath).map((of) => `States.JsonToString(${of})`),
    text.map((of) => `States.StringSplit(${of}, ' +')`),
  ),
  fc.constantFrom('States.ArrayGetItem($.list, 99)', 'States.StringToJson($.s)', 'States.MathAdd($.s, 1)'),
);

const anyReference = rarely(
  fc.oneof(numberPath, textPath, listPath, objectPath, call),
  fc.constantFrom('$.missing', '$.obj.k.deeper', '$.list[9]'),
);

function templateOf(reference: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> {
  const flat = fc
    .array(fc.tuple(fc.constantFrom('p', 'q', 'r'), reference), { minLength: 1, maxLength: 2 })
    .map((entries) => Object.fromEntries(entries.map(([name, value]) => [`${name}.$`, value])));
  return fc.oneof(
    flat,
    fc.record({ fixed: fc.constantFrom<unknown>(1, 'text', [1, { x: null }]), inner: flat }),
    fc.record({ many: fc.tuple(flat, fc.constant('plain')) }),
  );
}

export const jsonPath = {
  number: numberPath,
  text: textPath,
  list: listPath,
  reference: anyReference,
  template: templateOf(anyReference),
  /** The same, where a state counts no retries. */
  plain: {
    number: withoutRetries(numberPath),
    template: templateOf(anyReference.map((reference) => reference.replaceAll('$$.State.RetryCount', '$.n'))),
  },
} as const;

// --- JSONata ---

const braces = (expression: fc.Arbitrary<string>): fc.Arbitrary<string> => expression.map((text) => `{% ${text} %}`);

const numeric = fc.constantFrom(
  '$states.input.n',
  '$num',
  '$sum($states.input.list)',
  '$count($arr)',
  '$states.input.obj.k + 1',
  '$rec.k * 2',
  '$max($append($arr, 0))',
  '$length($states.input.s)',
);
const textual = fc.constantFrom(
  "$states.input.s & '-' & $string($num)",
  '$uppercase($txt)',
  "$hash($states.input.s, 'SHA-256')",
  '$states.context.State.Name',
  "$join($states.input.words, '+')",
  '$states.context.Execution.Name',
  '$uuid()',
  '$type($rec)',
);
const listing = fc.constantFrom(
  '$states.input.list',
  '[$states.input.list[$ > 1]]',
  '$partition($states.input.list, 2)',
  '$range(1, 7, 2)',
  '[$map($arr, function($v) { $string($v) })]',
  '$states.input.words',
  '[$rec.rows.n]',
  '[$random() < 2]',
);
const structured = fc.constantFrom(
  "$merge([$states.input.obj, {'z': $num}])",
  '$parse($states.input.json)',
  '$rec',
  "{'b': $states.input.b, 'k': $keys($rec)}",
);
const failing = fc.constantFrom(
  '$states.input.missing',
  "$number('x')",
  "$error('boom')",
  '$parse($states.input.s & "]")',
);

const anyExpression = rarely(fc.oneof(numeric, textual, listing, structured), failing);

export const jsonata = {
  number: braces(numeric),
  text: braces(textual),
  list: braces(listing),
  condition: braces(
    rarely(
      fc.oneof(
        fc.tuple(numeric, fc.integer({ min: -5, max: 20 })).map(([left, right]) => `${left} > ${right}`),
        textual.map((of) => `$contains(${of}, 'e')`),
        fc.constantFrom(
          '$states.input.b',
          '$not($states.input.b)',
          '$exists($states.input.r)',
          '$count($arr) in [1, 2]',
        ),
      ),
      fc.constantFrom('$states.input.n', '$states.input.missing'),
    ),
  ),
  any: braces(anyExpression),
  template: fc.oneof(
    braces(anyExpression),
    fc.record({ p: braces(anyExpression), fixed: fc.constantFrom<unknown>(1, 'text', [null]) }),
    fc.record({ many: fc.tuple(braces(anyExpression), fc.constant('plain')) }),
  ),
  /** What keeps the data in shape and adds a member to it. */
  keeping: (name: string, expression: string): string => `{% $merge([$states.input, {'${name}': ${expression}}]) %}`,
} as const;
