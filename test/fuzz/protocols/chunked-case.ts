import { createHash } from 'node:crypto';
import { hmacHex, scopeText, sha256Hex } from '../../../local/server/sigv4.ts';
import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { pick } from '../spots.ts';
import { head, type SignedDraft, signed } from './draft.ts';
import type { FuzzCase, MakeCase } from './fuzz-case.ts';
import { noise } from './values.ts';

const KINDS = [
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
] as const;

interface Chunk {
  size: string;
  extension: string;
  data: Buffer;
  end: string;
}

interface Framing {
  chunks: Chunk[];
  trailers: string[];
  /** After the last trailer. */
  end: string;
}

const verified = (algorithm: string, { key, timestamp, scope }: SignedDraft, previous: string, hashes: string[]) =>
  hmacHex(key, [algorithm, timestamp, scopeText(scope), previous, ...hashes].join('\n'));

/** The framing as a client makes it, of so many chunks. */
function framed(kind: (typeof KINDS)[number], draft: SignedDraft, contents: readonly Buffer[]): Framing {
  const isSigned = kind !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  let previous = draft.signature;
  const chunks = [...contents, Buffer.alloc(0)].map((data): Chunk => {
    const hashes = [sha256Hex(''), sha256Hex(data)];
    if (isSigned) previous = verified('AWS4-HMAC-SHA256-PAYLOAD', draft, previous, hashes);
    const extension = isSigned ? `;chunk-signature=${previous}` : '';
    return { size: data.length.toString(16), extension, data, end: data.length === 0 ? '' : '\r\n' };
  });
  const trailers: string[] = [];
  if (kind.endsWith('-TRAILER')) {
    const checksum = createHash('sha256').update(Buffer.concat(contents)).digest('base64');
    const trailer = `x-amz-checksum-sha256:${checksum}`;
    trailers.push(trailer);
    if (isSigned) {
      const signature = verified('AWS4-HMAC-SHA256-TRAILER', draft, previous, [sha256Hex(`${trailer}\n`)]);
      trailers.push(`x-amz-trailer-signature:${signature}`);
    }
  }
  return { chunks, trailers, end: '\r\n' };
}

const bytesOf = ({ chunks, trailers, end }: Framing): Buffer =>
  Buffer.concat([
    ...chunks.flatMap(({ size, extension, data, end: after }) => [
      Buffer.from(`${size}${extension}\r\n`, 'latin1'),
      data,
      Buffer.from(after, 'latin1'),
    ]),
    ...trailers.map((trailer) => Buffer.from(`${trailer}\r\n`, 'latin1')),
    Buffer.from(end, 'latin1'),
  ]);

type Change = (random: SeededRandom, framing: Framing) => void;

const CHANGES: readonly Change[] = [
  (random, { chunks }) => {
    pick(random, chunks).size = pick(random, [
      '',
      '-1',
      '0',
      'ffffffff',
      'fffffffff',
      '1e3',
      '0x5',
      'g',
      ' 5',
      '5 ',
      '00000005',
      '٣',
    ]);
  },
  (random, { chunks }) => {
    const chunk = pick(random, chunks);
    chunk.extension = pick(random, [
      '',
      ';',
      ';chunk-signature=',
      `;chunk-signature=${'0'.repeat(64)}`,
      `;chunk-signature=${'0'.repeat(65)}`,
      `${chunk.extension}${chunk.extension}`,
      `${chunk.extension};a=b`,
      chunk.extension.toUpperCase(),
      `;a=${'b'.repeat(10_000)}`,
    ]);
  },
  (random, { chunks }) => {
    pick(random, chunks).end = pick(random, ['', '\n', '\r', 'x\r\n', '\r\n\r\n', '\0\r\n']);
  },
  (random, { chunks }) => {
    const chunk = pick(random, chunks);
    chunk.data = pick(random, [
      chunk.data.subarray(1),
      Buffer.concat([chunk.data, noise(random, 3)]),
      noise(random, chunk.data.length),
    ]);
  },
  (random, { chunks }) => void chunks.splice(random.below(chunks.length), 1),
  (random, { chunks }) => void chunks.push(structuredClone({ ...pick(random, chunks), data: Buffer.alloc(0) })),
  (_random, { chunks }) => void chunks.reverse(),
  (random, { trailers }) => {
    trailers.splice(
      random.below(trailers.length + 1),
      random.below(2),
      pick(random, [
        'x-amz-checksum-sha256:AAAA',
        'x-amz-checksum-crc32:AAAAAA==',
        'x-amz-trailer-signature:00',
        ':',
        'no colon',
        '__proto__:x',
        'x-amz-meta-a:b',
        `x-amz-checksum-sha1:${'a'.repeat(5000)}`,
        ...[Array.from({ length: 30 }, (_, n) => `t${n}:v`).join('\r\n')],
      ]),
    );
  },
  (random, framing) => {
    framing.end = pick(random, ['', '\n', '\r\n\r\n', 'more', `\r\n${'x'.repeat(9000)}`]);
  },
];

/** What S3 uploads come in: chunks with signatures and trailers, one of them not as it should be. */
export const chunkedCase: MakeCase = (random, world): FuzzCase => {
  const kind = pick(random, KINDS);
  const contents = Array.from({ length: random.below(4) }, (_, at) => noise(random, [5, 100, 9000][at % 3]!));
  const length = contents.reduce((sum, { length: bytes }) => sum + bytes, 0);
  const isRight = random.below(15) === 0;
  const liesAbout = isRight ? '' : pick(random, ['', '', '', 'decoded length', 'content length', 'nothing', 'hash']);
  const decoded =
    liesAbout === 'decoded length'
      ? pick(random, ['-1', '', 'x', '0', '1e3', '99999999999', '999999999999999999', `${length + 1}`, `${length - 1}`])
      : String(length);
  const isPart = random.below(4) === 0;
  const draft = signed(
    {
      method: 'PUT',
      path: '/bucket/chunked',
      query: isPart ? 'partNumber=1&uploadId=none' : '',
      headers: [
        ['host', `127.0.0.1:${world.port}`],
        ['content-encoding', 'aws-chunked'],
        ['x-amz-decoded-content-length', decoded],
        ...(kind.endsWith('-TRAILER') && random.below(8) > 0
          ? [
              [
                'x-amz-trailer',
                pick(random, ['x-amz-checksum-sha256', 'x-amz-checksum-sha256', 'x-amz-checksum-crc32', 'x', '']),
              ] as const,
            ]
          : []),
      ],
      body: Buffer.alloc(0),
    },
    {
      credentials: world.credentials,
      service: 's3',
      payloadHash:
        liesAbout === 'hash'
          ? pick(random, ['STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD', 'STREAMING', '', 'x'.repeat(64)])
          : kind,
    },
  );
  const framing = framed(kind, draft, contents);
  const breaks = !isRight && (liesAbout === '' || random.below(2) === 0);
  if (breaks) pick(random, CHANGES)(random, framing);
  const body = random.below(20) === 0 && !isRight ? noise(random, 200) : bytesOf(framing);

  const cut = liesAbout === 'content length' ? pick(random, [-7, -1, 1, 100]) : 0;
  const declared = Math.max(0, body.length + cut);
  const isTransferChunked = random.below(12) === 0;
  const start = isTransferChunked
    ? head(draft, [['transfer-encoding', 'chunked']])
    : head(draft, [['content-length', String(declared)]]);
  const sent = isTransferChunked
    ? Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
    : body;
  const pieces = random.below(5) === 0 ? [start, ...split(random, sent)] : [Buffer.concat([start, sent])];
  return {
    operation: isPart ? 's3:UploadPart' : 's3:PutObject',
    shape: 's3',
    method: 'PUT',
    pieces,
    // With less than was promised the only way to say so is to close.
    halfClose: cut > 0,
    mayBeCut: cut > 0,
  };
};

/** In pieces that a reader which counts on whole lines does not expect. */
function split(random: SeededRandom, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length && pieces.length < 20; ) {
    const next = at + 1 + random.below(pick(random, [1, 3, 90, 5000]));
    pieces.push(bytes.subarray(at, next));
    at = next;
  }
  const done = pieces.reduce((sum, { length }) => sum + length, 0);
  return done < bytes.length ? [...pieces, bytes.subarray(done)] : pieces;
}
