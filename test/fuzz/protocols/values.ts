import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { drop, nested, pick, type Spot, set, spotsOf } from '../spots.ts';
import { ACCOUNT, arnOf, REGION } from './fuzz-world.ts';

/** Values that have broken services before, by what they stand in for. */
const NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'then',
  'length',
  '',
  ' ',
  '.',
  '..',
  '/',
  'a/b',
  'a|b',
  '%',
  '%00',
  '#',
  ':',
  '$LATEST',
  '\u0000',
  '\ud800',
  '\ufeffx',
  'İ',
  '\u202eright',
  "'; DROP TABLE things; --",
  'x'.repeat(64),
  'x'.repeat(81),
  'x'.repeat(257),
];

export const TEXTS: readonly string[] = [
  ...NAMES,
  'x'.repeat(1025),
  'x'.repeat(70_000),
  'é'.repeat(150_000),
  '\u0001\u0002\u001f\u007f',
  '\r\nx-injected: 1',
  '{}',
  '[]',
  'null',
  'true',
  '0',
  '-1',
  'NaN',
  '1e400',
  '"',
  '<a>&amp;</a>',
  ']]>',
  '2026-02-30T25:61:61Z',
  '9999-12-31T23:59:59Z',
];

export const NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  0.5,
  1,
  1e-320,
  1e21,
  1e308,
  -1e308,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  8.64e15 + 1,
];

const ARNS: readonly string[] = [
  'arn',
  'arn:',
  'arn:aws:::::',
  'arn:aws:lambda',
  'arn:aws:s3:::bucket',
  'arn:aws:s3:::bucket/key',
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function`,
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:`,
  `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f:`,
  `arn:aws:lambda:${REGION}:999999999999:function:f`,
  `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`,
  `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/`,
  `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/things/stream/x`,
  `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/things/index/by-owner`,
  `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/`,
  `arn:aws:events:${REGION}:999999999999:event-bus/default`,
  `arn:aws:events:${REGION}:${ACCOUNT}:rule/none/r`,
  `arn:aws:events:${REGION}:${ACCOUNT}:archive/__proto__`,
  `arn:aws:sqs:${REGION}:${ACCOUNT}:`,
  `arn:aws:sqs:${REGION}:${ACCOUNT}:queue.fifo`,
  `arn:aws:kms:${REGION}:${ACCOUNT}:key/none`,
  `arn:aws:kms:${REGION}:${ACCOUNT}:alias/none`,
  `arn:aws:iam::${ACCOUNT}:role/`,
  `arn:aws:iam::${ACCOUNT}:role/none`,
  'arn:aws:iam::222222222222:role/role',
  `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:`,
  `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:m:1`,
  `arn:aws:states:${REGION}:${ACCOUNT}:execution:m:`,
  `arn:aws:states:${REGION}:${ACCOUNT}:execution:none:run`,
  `arn:aws:states:${REGION}:${ACCOUNT}:mapRun:m/x:y`,
  `arn:aws:states:${REGION}:${ACCOUNT}:express:express:x:y`,
  `arn:aws-cn:states:${REGION}:${ACCOUNT}:stateMachine:m`,
  `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${'m'.repeat(3000)}`,
  arnOf('lambda', 'function:f:$LATEST'),
];

const URLS: readonly string[] = [
  'http://',
  'https://[',
  'https://127.0.0.1:1/111111111111/queue',
  'https://sqs.eu-west-1.amazonaws.com/111111111111/queue',
  '/111111111111/queue',
  '/999999999999/queue',
  '///',
  'http://127.0.0.1/%zz/queue',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'https://user:password@example.com/',
  `https://example.com/${'a'.repeat(3000)}`,
];

const EXPRESSIONS: readonly string[] = [
  'pk',
  'pk =',
  'pk = :none',
  '#none = :a',
  'pk = :a AND',
  'pk = :a AND sk BETWEEN :a AND :b',
  'begins_with(pk)',
  'begins_with(pk, :a) AND begins_with(pk, :a)',
  'attribute_exists(list[0].a.b[99999999999999999999])',
  'attribute_type(n, :a)',
  'size(list) > :n',
  'contains(list, :a) OR NOT contains(list, list)',
  'pk IN (:a)',
  `pk IN (${':a, '.repeat(101)}:a)`,
  'SET',
  'SET n = n + :n',
  'SET n = n + n + n',
  'SET n = if_not_exists(n, :n) - :n',
  'SET list = list_append(list, :l)',
  'SET list[0] = :a, list[0] = :a',
  'SET a.b.c.d = :a',
  'SET pk = :a',
  'ADD n :n',
  'ADD list :a',
  'DELETE list :a',
  'REMOVE list[0], list[1], list[5000000000]',
  'SET n = :n REMOVE n',
  'SET n = :n SET n = :n',
  'size',
  'a.b.c[0][1][2]',
  `${'('.repeat(400)}pk = :a${')'.repeat(400)}`,
  `${'('.repeat(3000)}pk = :a${')'.repeat(3000)}`,
  `${'NOT '.repeat(3000)}pk = :a`,
  `pk = :a${' AND pk = :a'.repeat(400)}`,
  `a${'.a'.repeat(3000)}`,
  `a${'[0]'.repeat(3000)}`,
  '\u0000',
  'pk = "a"',
];

const DOCUMENTS: readonly string[] = [
  '{',
  '[]',
  'null',
  '{"source":"a"}',
  '{"source":[]}',
  '{"source":[{}]}',
  '{"source":[{"prefix":1}]}',
  '{"source":[{"none":"x"}]}',
  '{"source":[{"numeric":[">"]}]}',
  '{"source":[{"numeric":["<",1e400,">",0]}]}',
  '{"source":[{"cidr":"10.0.0.0/99"}]}',
  '{"source":[{"wildcard":"**"}]}',
  `{"source":[{"wildcard":"${'*a'.repeat(200)}"}]}`,
  '{"source":[{"anything-but":{"prefix":[]}}]}',
  '{"$or":[]}',
  '{"$or":[{"a":["b"]},1]}',
  '{"__proto__":["a"],"constructor":{"prototype":["b"]}}',
  `${'{"a":'.repeat(200)}["b"]${'}'.repeat(200)}`,
  `${'{"a":'.repeat(20000)}1${'}'.repeat(20000)}`,
  '['.repeat(50_000),
  '{"a":1,"a":2}',
  '{"n":1e999}',
  '{"Version":"2012-10-17"}',
  '{"Version":"2012-10-17","Statement":[]}',
  '{"Version":"2012-10-17","Statement":{"Effect":"Maybe","Action":"*","Resource":"*","Principal":"*"}}',
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":1,"Resource":null,"Principal":{"AWS":["x"]}}}',
  '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:None","Resource":"*","Principal":"*","Condition":{"StringLike":{"a":1}}}}',
  '{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}',
  '{"StartAt":"A","States":{"A":{"Type":"Fail","Cause":1}}}',
  '{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","End":true}}}',
];

const SCHEDULES: readonly string[] = [
  'rate(0 minutes)',
  'rate(1 minutes)',
  'rate(99999999999999 days)',
  'rate(-1 day)',
  'cron(* * * * * *)',
  'cron(0 0 31 2 ? *)',
  'cron(0 0 ? * 1#9 *)',
  'cron(0/0 0 * * ? *)',
  'cron(0 0 1 1 ? 2199)',
  'cron(59-0 23-0 L * ? *)',
  'cron()',
  'at(2026-01-01T00:00:00)',
];

const BASE64: readonly string[] = ['!', 'A', 'AA=', '====', 'é', 'A'.repeat(9000), '-_-_', 'AAAA\nAAAA'];

const ATTRIBUTES: readonly unknown[] = [
  {},
  { S: 1 },
  { S: null },
  { S: '' },
  { N: 1 },
  { N: '' },
  { N: 'NaN' },
  { N: 'Infinity' },
  { N: '1e200' },
  { N: '1e-200' },
  { N: `1e${'9'.repeat(30)}` },
  { N: '9'.repeat(39) },
  { N: '0'.repeat(5000) },
  { N: '0x10' },
  { B: '!!!' },
  { B: 1 },
  { SS: [] },
  { SS: ['a', 'a'] },
  { NS: ['1', '1.0'] },
  { BS: ['AA==', 1] },
  { M: [] },
  { M: { a: 1 } },
  { M: { '': { S: 'a' } } },
  { L: {} },
  { L: [null] },
  { BOOL: 'true' },
  { NULL: false },
  { S: 'a', N: '1' },
  { X: 'a' },
  { S: 'x'.repeat(410_000) },
];

const KINDS = [NAMES, TEXTS, ARNS, URLS, EXPRESSIONS, DOCUMENTS, SCHEDULES, BASE64] as const;

export const oddText = (random: SeededRandom): string => pick(random, pick(random, KINDS));

/** Of the kind that the value is of, by its looks and by the name that it has: what gets furthest. */
function oddLike(random: SeededRandom, key: string | number, value: string): string {
  const name = String(key);
  if (/Expression$/.test(name)) return pick(random, name.startsWith('Schedule') ? SCHEDULES : EXPRESSIONS);
  if (/^rate\(|^cron\(/.test(value)) return pick(random, SCHEDULES);
  if (value.startsWith('arn:')) return pick(random, ARNS);
  if (value.startsWith('http')) return pick(random, URLS);
  if (value.startsWith('{')) return pick(random, DOCUMENTS);
  if (value.endsWith('=')) return pick(random, BASE64);
  return pick(random, random.below(2) === 0 ? NAMES : TEXTS);
}

function oddValue(random: SeededRandom): unknown {
  switch (random.below(10)) {
    case 0:
      return pick(random, NUMBERS);
    case 1:
      return pick<unknown>(random, [null, true, false, [], {}, [null], [[]], { '': {} }]);
    case 2:
    case 3:
      return JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    case 4:
      return Array.from({ length: pick(random, [2, 11, 26, 101, 1001]) }, () => oddText(random).slice(0, 20));
    case 5:
    case 6:
      return structuredClone(pick(random, ATTRIBUTES));
    default:
      return oddText(random);
  }
}

type Mutation = (random: SeededRandom, spot: Spot, spots: readonly Spot[], donors: readonly Spot[]) => void;

const twist: Mutation = (random, { holder, key }) => {
  const value = holder[key];
  if (typeof value === 'string') set(holder, key, oddLike(random, key, value));
  else set(holder, key, typeof value === 'number' ? pick(random, NUMBERS) : oddValue(random));
};

const MUTATIONS: readonly Mutation[] = [
  (_random, spot) => drop(spot),
  (random, { holder, key }) => set(holder, key, oddValue(random)),
  twist,
  twist,
  twist,
  twist,
  // renamed
  (random, { holder, key }) => {
    const value = holder[key];
    drop({ holder, key });
    set(holder, pick(random, [...NAMES, String(key).toLowerCase(), `${key}s`]), value);
  },
  // one more, of another request of the service
  (random, { holder, key }, _spots, donors) => {
    const donor = pick(random, donors);
    set(holder, Array.isArray(holder) ? key : donor.key, structuredClone(donor.holder[donor.key]));
  },
  // one more, that nobody knows
  (random, { holder }) => set(holder, pick(random, NAMES), oddValue(random)),
  // swapped
  (random, { holder, key }, spots) => {
    const other = pick(random, spots);
    const value = structuredClone(holder[key]);
    set(holder, key, structuredClone(other.holder[other.key]));
    set(other.holder, other.key, value);
  },
  // much of it
  (random, { holder, key }) => {
    const value = holder[key];
    if (Array.isArray(value)) {
      const length = pick(random, [11, 26, 101, 1001]);
      set(
        holder,
        key,
        Array.from({ length }, (_, at) => structuredClone(value[at % Math.max(1, value.length)] ?? null)),
      );
    } else set(holder, key, [value, value]);
  },
];

/** A copy of a request's input with so many things wrong in it. */
export function mutated(random: SeededRandom, value: unknown, donor: unknown, times: number): unknown {
  const box = { value: structuredClone(value) };
  for (let time = 0; time < times; time++) {
    const spots = spotsOf(box);
    pick(random, MUTATIONS)(random, pick(random, spots), spots, spotsOf({ donor }));
    if (!('value' in box)) return null;
  }
  // Last: what is this deep cannot be copied.
  if (random.below(15) === 0) {
    const { holder, key } = pick(random, spotsOf(box));
    set(holder, key, nested(random, holder[key]));
  }
  return box.value;
}

/** JSON as a client could send it that makes it by hand. */
export function mutatedJson(random: SeededRandom, text: string): Buffer {
  const at = random.below(text.length + 1);
  const put = (inserted: string | Buffer) =>
    Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from(inserted), Buffer.from(text.slice(at))]);
  switch (random.below(12)) {
    case 0:
      return Buffer.from(text.slice(0, at));
    case 1:
      return put(pick(random, TEXTS).slice(0, 1000));
    case 2:
      return Buffer.from(`\ufeff${text}`);
    case 3:
      return put(Buffer.from(pick(random, ['ff', 'c0af', 'eda080', 'f8808080', 'fe', '00']), 'hex'));
    case 4:
      return Buffer.from(text.replace(/\d+/, pick(random, ['1e999', 'NaN', '-Infinity', '00', '9'.repeat(400), '-0'])));
    case 5:
      return Buffer.from(`${text}${pick(random, [' ', '\u0000', '}', text])}`);
    case 6:
      return Buffer.from(text.replace(/"(\w+)":/, '"$1":null,"$1":'));
    case 7:
      return Buffer.from(text.replace(/"(\w+)":/, '"\\u0000$1":'));
    case 8:
      return Buffer.from('['.repeat(pick(random, [500, 5_000, 60_000])));
    case 9: {
      const depth = pick(random, [500, 5_000, 60_000]);
      return Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
    }
    case 10:
      return Buffer.from(pick(random, ['', ' ', 'null', '1', '"x"', '[]', '[{}]', 'a=b&c=d', '<a/>']));
    default:
      return Buffer.from(text, 'utf16le');
  }
}

/** Bytes that are no text at all. */
export const noise = (random: SeededRandom, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.below(256)));
