import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { pick } from '../spots.ts';
import { head, signed, written } from './draft.ts';
import type { FuzzCase, MakeCase } from './fuzz-case.ts';
import type { FuzzWorld } from './fuzz-world.ts';
import { noise } from './values.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const REQUEST_LINES: readonly string[] = [
  'GET',
  'GET /',
  'GET / HTTP/0.9',
  'GET / HTTP/2.0',
  'GET / HTTP/1.1 x',
  'GET  / HTTP/1.1',
  ' GET / HTTP/1.1',
  'get / HTTP/1.1',
  'BREW / HTTP/1.1',
  'PROPFIND /bucket HTTP/1.1',
  'TRACE / HTTP/1.1',
  'CONNECT 127.0.0.1:22 HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET * HTTP/1.1',
  'GET http://example.com/bucket/key HTTP/1.1',
  'GET //bucket//key HTTP/1.1',
  'GET /bucket/../../etc/passwd HTTP/1.1',
  'GET /\x00 HTTP/1.1',
  'GET /\xff\xfe HTTP/1.1',
  'GET /a b HTTP/1.1',
  'GET ? HTTP/1.1',
  'GET /??&&== HTTP/1.1',
  `GET /${'a'.repeat(20_000)} HTTP/1.1`,
  `GET /?${'a=b&'.repeat(3000)} HTTP/1.1`,
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'PRI * HTTP/2.0',
];

const HEADER_LINES: readonly string[] = [
  'no colon',
  ': empty',
  'a b: c',
  'a\x00: b',
  'a: \x00',
  'a: b\rc: d',
  ' folded: x',
  'Content-Length: -1',
  'Content-Length: 1e3',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 5\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: xchunked',
  'Expect: 100-continue',
  'Expect: something-else',
  'Upgrade: h2c\r\nConnection: Upgrade',
  'Upgrade: websocket\r\nConnection: Upgrade',
  'Host: a\r\nHost: b',
  'Connection: keep-alive, close, \xff',
  `x-many: ${'v'.repeat(17_000)}`,
  `${'x'.repeat(17_000)}: v`,
  Array.from({ length: 3000 }, (_, n) => `x-${n}: v`).join('\r\n'),
];

const CHUNKS: readonly string[] = [
  'x\r\n',
  '-1\r\n',
  'ffffffffffffffffff\r\n',
  '5\r\nab\r\n0\r\n\r\n',
  '5\r\nabcdeXX0\r\n\r\n',
  '5;a=b;c="d\r\nabcde\r\n0\r\n\r\n',
  `5;${'a'.repeat(20_000)}\r\nabcde\r\n0\r\n\r\n`,
  '2\r\n{}\r\n0\r\nx-amz-date: trailer\r\n\r\n',
  `2\r\n{}\r\n0\r\n${'x: y\r\n'.repeat(5000)}\r\n`,
  '2\n{}\n0\n\n',
];

type Make = (random: SeededRandom, world: FuzzWorld) => Pick<FuzzCase, 'pieces'> & Partial<FuzzCase>;

function rightRequest(world: FuzzWorld, body = '{}') {
  return signed(
    {
      method: 'POST',
      path: '/',
      query: '',
      headers: [
        ['host', `127.0.0.1:${world.port}`],
        ['x-amz-target', 'TrentService.ListKeys'],
      ],
      body: Buffer.from(body),
    },
    { credentials: world.credentials, service: 'kms' },
  );
}

const KINDS: readonly Make[] = [
  (random, { port }) => ({
    pieces: [latin1(`${pick(random, REQUEST_LINES)}\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)],
    // There is no method or no line to answer to.
    mayBeCut: true,
  }),
  (random, { port }) => ({
    pieces: [
      latin1(
        `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${pick(random, HEADER_LINES)}\r\nConnection: close\r\n\r\n`,
      ),
      ...(random.below(2) === 0 ? [latin1('{}')] : []),
    ],
    halfClose: true,
    mayBeCut: true,
  }),
  (random, world) => {
    const draft = rightRequest(world);
    return {
      pieces: [head(draft, [['transfer-encoding', 'chunked']]), latin1(pick(random, CHUNKS))],
      halfClose: true,
      mayBeCut: true,
    };
  },
  // what is sent is not all that was promised
  (random, world) => {
    const draft = rightRequest(world);
    const promised = String(draft.body.length + pick(random, [1, 1000, 15_000_000]));
    return { pieces: [head(draft, [['content-length', promised]]), draft.body], halfClose: true, mayBeCut: true };
  },
  // one request after another on one connection, before the first is answered
  (random, world) => {
    const bytes = Buffer.concat(written(rightRequest(world)));
    const kept = Buffer.from(bytes.toString('latin1').replace('connection: close', 'connection: keep-alive'), 'latin1');
    return { pieces: [Buffer.concat([kept, random.below(2) === 0 ? bytes : noise(random, 100)])], halfClose: true };
  },
  (random) => ({ pieces: [noise(random, 1 + random.below(4000))], halfClose: true, mayBeCut: true }),
  (random, world) => {
    const [bytes = Buffer.alloc(0)] = written(rightRequest(world));
    const cut = bytes.subarray(0, random.below(bytes.length));
    return { pieces: [cut], halfClose: true, mayBeCut: true };
  },
  // in drops
  (random, world) => {
    const [bytes = Buffer.alloc(0)] = written(rightRequest(world));
    const size = 1 + random.below(40);
    return {
      pieces: Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      ),
    };
  },
  // more than is taken
  (_random, world) => {
    const draft = rightRequest(world);
    return {
      pieces: [head(draft, [['content-length', String(17 * 1024 * 1024)]]), Buffer.alloc(100_000, 'x')],
      mayBeCut: true,
    };
  },
];

/** How often a case is one that never comes to its end: each costs the time that the server gives it. */
const SELDOM = 150;

const NEVER_ENDING: readonly Make[] = [
  (_random, { port }) => ({ pieces: [latin1(`POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`)], mayBeCut: true }),
  (_random, world) => {
    const draft = rightRequest(world);
    return { pieces: [head(draft, [['content-length', '1000']]), draft.body], mayBeCut: true };
  },
  (_random, world) => ({
    pieces: [head(rightRequest(world), [['transfer-encoding', 'chunked']]), latin1('5\r\nab')],
    mayBeCut: true,
  }),
];

/** Bytes that are not quite HTTP, or not quite one request. */
export const httpCase: MakeCase = (random, world): FuzzCase => {
  const make = random.below(SELDOM) === 0 ? pick(random, NEVER_ENDING) : pick(random, KINDS);
  return { operation: 'http', shape: 'http', method: 'POST', ...make(random, world) };
};
