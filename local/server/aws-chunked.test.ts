import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import { hmacHex, sha256Hex, signingKey } from './sigv4.ts';

const scope = { date: '20130524', region: 'us-east-1', service: 's3' };
const timestamp = '20130524T000000Z';
const key = signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope);
const EMPTY = sha256Hex('');

interface Framed {
  readonly wire: Buffer;
  readonly decodedLength: number;
}

/** Frames and signs as a client does. */
function frame(
  seedSignature: string,
  pieces: readonly Buffer[],
  options: { signed: boolean; trailers?: Record<string, string> },
): Framed {
  let previous = seedSignature;
  const sign = (algorithm: string, ...hashes: string[]) => {
    previous = hmacHex(
      key,
      [algorithm, timestamp, '20130524/us-east-1/s3/aws4_request', previous, ...hashes].join('\n'),
    );
    return previous;
  };
  const chunk = (piece: Buffer) => {
    const hash = createHash('sha256').update(piece).digest('hex');
    const signature = options.signed ? `;chunk-signature=${sign('AWS4-HMAC-SHA256-PAYLOAD', EMPTY, hash)}` : '';
    return Buffer.from(`${piece.length.toString(16)}${signature}\r\n`);
  };
  const parts = pieces.flatMap((piece) => [chunk(piece), piece, Buffer.from('\r\n')]);
  parts.push(chunk(Buffer.alloc(0)));
  if (options.trailers) {
    const names = Object.entries(options.trailers);
    for (const [name, value] of names) parts.push(Buffer.from(`${name}:${value}\r\n`));
    if (options.signed) {
      const text = names.map(([name, value]) => `${name}:${value}\n`).join('');
      parts.push(Buffer.from(`x-amz-trailer-signature:${sign('AWS4-HMAC-SHA256-TRAILER', sha256Hex(text))}\r\n`));
    }
  }
  parts.push(Buffer.from('\r\n'));
  return { wire: Buffer.concat(parts), decodedLength: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

const SEED = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';

function decode(wire: Buffer, decodedLength: number, mode: { signed: boolean; trailer: boolean }, pieceBytes = 7) {
  const trailers: Record<string, string> = {};
  const decoder = new AwsChunkedDecoder({
    ...(mode.signed ? { signing: { key, timestamp, scope, seedSignature: SEED } } : {}),
    hasTrailer: mode.trailer,
    decodedLength,
    trailers,
  });
  const pieces = Array.from({ length: Math.ceil(wire.length / pieceBytes) }, (_, index) =>
    wire.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  return { decoded: buffer(Readable.from(pieces).pipe(decoder)), trailers };
}

describe('aws-chunked bodies', () => {
  const pieces = [Buffer.from('hello '), Buffer.from('\r\n0;chunk\r\n'), Buffer.alloc(300, 'x')];
  const content = Buffer.concat(pieces);

  test('the chunk signatures of the documentation come out', () => {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html: 66,560 bytes of "a" in chunks of 64 KiB.
    const { wire } = frame(SEED, [Buffer.alloc(65_536, 'a'), Buffer.alloc(1024, 'a')], { signed: true });
    const text = wire.toString('latin1');
    expect(text).toContain(
      '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n',
    );
    expect(text).toContain('400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n');
    expect(text).toContain('0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n');
  });

  test.each([
    { case: 'signed', signed: true, trailers: undefined },
    { case: 'signed with a trailer', signed: true, trailers: { 'x-amz-checksum-crc32': 'sOO8/Q==' } },
    { case: 'unsigned with a trailer', signed: false, trailers: { 'x-amz-checksum-crc32': 'sOO8/Q==' } },
  ])('a body that is $case comes out whole, however the network cuts it', async ({ signed, trailers }) => {
    const { wire, decodedLength } = frame(SEED, pieces, { signed, ...(trailers ? { trailers } : {}) });
    for (const pieceBytes of [1, 2, 7, 64, wire.length]) {
      const run = decode(wire, decodedLength, { signed, trailer: trailers !== undefined }, pieceBytes);
      expect((await run.decoded).equals(content)).toBe(true);
      expect(run.trailers).toEqual(trailers ?? {});
    }
  });

  const signedWithTrailer = frame(SEED, pieces, { signed: true, trailers: { 'x-amz-checksum-crc32': 'sOO8/Q==' } });
  const mode = { signed: true, trailer: true };

  test('any byte of a signed body that is changed makes it fail', async () => {
    const { wire, decodedLength } = signedWithTrailer;
    for (let at = 0; at < wire.length; at += 3) {
      const changed = Buffer.from(wire);
      changed[at] = (changed[at] as number) ^ 0x01;
      await expect(decode(changed, decodedLength, mode).decoded, `byte ${at}`).rejects.toThrow();
    }
  });

  test('a body that is cut off anywhere fails', async () => {
    const { wire, decodedLength } = signedWithTrailer;
    for (let length = 0; length < wire.length; length += 11) {
      await expect(decode(wire.subarray(0, length), decodedLength, mode).decoded, `${length} bytes`).rejects.toThrow();
    }
  });

  test('a signed chunk that is left out or repeated fails', async () => {
    const whole = frame(SEED, pieces, { signed: true });
    const first = whole.wire.indexOf('\r\n', whole.wire.indexOf('hello ')) + 2;
    const without = whole.wire.subarray(first);
    const twice = Buffer.concat([whole.wire.subarray(0, first), whole.wire]);
    const plain = { signed: true, trailer: false };
    await expect(decode(without, content.length, plain).decoded).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    await expect(decode(twice, content.length + 6, plain).decoded).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  test.each([
    { case: 'more bytes than it declared', change: -1 },
    { case: 'fewer bytes than it declared', change: 1 },
  ])('a body with $case is incomplete', async ({ change }) => {
    const { wire, decodedLength } = frame(SEED, pieces, { signed: false, trailers: {} });
    await expect(decode(wire, decodedLength + change, { signed: false, trailer: true }).decoded).rejects.toMatchObject({
      code: 'IncompleteBody',
    });
  });

  test('a framing line that never ends is refused before it is held', async () => {
    const wire = Buffer.alloc(10_000, 'a');
    await expect(decode(wire, 10_000, { signed: false, trailer: true }, 1000).decoded).rejects.toMatchObject({
      code: 'InvalidRequest',
    });
  });
});
