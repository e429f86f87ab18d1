import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { AwsError } from '../aws-error.ts';
import type { PendingAuthentication } from './authenticate.ts';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import { equalInConstantTime } from './sigv4.ts';

/** The whole body in memory. Throws RequestEntityTooLarge (413) before more than `limitBytes` are held. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new AwsError('RequestEntityTooLarge', `The request body is larger than ${limitBytes} bytes.`, 413);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge();
  const pieces: Buffer[] = [];
  let length = 0;
  // A request that is destroyed when this gives up could not be answered any more.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > limitBytes) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export interface StreamedPayload {
  /** The payload itself. It fails instead of ending when it is not what was signed. */
  readonly body: Readable;
  readonly trailers: Readonly<Record<string, string>>;
}

/**
 * Verifies an S3 request's signature by its headers and hands on the body to be read while it is checked.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function streamPayload(request: IncomingMessage, pending: PendingAuthentication): StreamedPayload {
  const declared = request.headers['x-amz-content-sha256'] as string | undefined;
  const hash = declared ?? (pending.from === 'query' ? 'UNSIGNED-PAYLOAD' : undefined);
  if (hash === undefined) {
    throw new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  const signing = pending.verify(hash);
  const trailers: Record<string, string> = {};
  switch (hash) {
    case 'UNSIGNED-PAYLOAD':
      // Not the request itself: a reader that gives up destroys what it reads, and that could not be answered any more.
      return { body: piped(request, new PassThrough()), trailers };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER': {
      const decoder = new AwsChunkedDecoder({
        ...(hash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' ? {} : { signing }),
        hasTrailer: hash.endsWith('-TRAILER'),
        decodedLength: decodedLength(request),
        trailers,
      });
      return { body: piped(request, decoder), trailers };
    }
    default:
      if (!/^[0-9a-f]{64}$/.test(hash)) {
        throw new AwsError(
          'InvalidArgument',
          'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
        );
      }
      return { body: piped(request, hashChecked(hash)), trailers };
  }
}

function decodedLength(request: IncomingMessage): number {
  const text = request.headers['x-amz-decoded-content-length'];
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) {
    throw new AwsError('MissingContentLength', 'You must provide the x-amz-decoded-content-length HTTP header.', 411);
  }
  return Number(text);
}

function hashChecked(expected: string): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(piece, _encoding, callback) {
      hash.update(piece);
      callback(null, piece);
    },
    flush(callback) {
      if (equalInConstantTime(expected, hash.digest('hex'))) callback();
      else {
        callback(
          new AwsError(
            'XAmzContentSHA256Mismatch',
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
          ),
        );
      }
    },
  });
}

/** Like `pipe`, but a client that goes away ends the reader with an error, not in silence. */
function piped(request: IncomingMessage, through: Transform): Transform {
  // It may fail before its reader has begun, or have none at all: an error that nobody hears would end the process.
  through.on('error', () => undefined);
  request.once('error', (error) => through.destroy(error));
  request.once('aborted', () =>
    through.destroy(new AwsError('IncompleteBody', 'The request body terminated unexpectedly')),
  );
  return request.pipe(through);
}
