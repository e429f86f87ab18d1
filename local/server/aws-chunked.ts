import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { AwsError } from '../aws-error.ts';
import type { ChunkSigning } from './authenticate.ts';
import { equalInConstantTime, hmacHex, scopeText, sha256Hex } from './sigv4.ts';

/** A chunk's size line or one trailer; longer ones are no client's. */
const LONGEST_LINE_BYTES = 4096;
const MOST_TRAILERS = 16;

export interface AwsChunkedOptions {
  /** Absent for STREAMING-UNSIGNED-PAYLOAD-TRAILER. */
  readonly signing?: ChunkSigning;
  readonly hasTrailer: boolean;
  /** `x-amz-decoded-content-length` */
  readonly decodedLength: number;
  /** Filled with the trailers, by lower-case name, before the stream ends. */
  readonly trailers: Record<string, string>;
}

/**
 * Takes the aws-chunked framing off a body and checks each chunk's signature against the one before it. Data flows on
 * before its chunk's signature is known to be right; the stream fails, and never ends, when one is wrong.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export class AwsChunkedDecoder extends Transform {
  readonly #options: AwsChunkedOptions;
  #state: 'size' | 'data' | 'data-end' | 'trailers' | 'done' = 'size';
  #line: Buffer = Buffer.alloc(0);
  #remaining = 0;
  #decoded = 0;
  #chunkHash: Hash | undefined;
  #chunkSignature = '';
  #previousSignature: string;
  #signedTrailers = '';
  #trailerSignature: string | undefined;

  constructor(options: AwsChunkedOptions) {
    super();
    this.#options = options;
    this.#previousSignature = options.signing?.seedSignature ?? '';
  }

  override _transform(input: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    try {
      this.#consume(input);
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _flush(callback: TransformCallback): void {
    if (this.#state !== 'done') callback(incomplete('The request body terminated unexpectedly'));
    else if (this.#decoded !== this.#options.decodedLength) {
      callback(
        incomplete('You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header'),
      );
    } else callback();
  }

  #consume(input: Buffer): void {
    let at = 0;
    while (at < input.length) {
      if (this.#state === 'data') {
        const piece = input.subarray(at, at + this.#remaining);
        at += piece.length;
        this.#data(piece);
      } else {
        const newline = input.indexOf(10, at);
        const end = newline < 0 ? input.length : newline + 1;
        this.#line = Buffer.concat([this.#line, input.subarray(at, end)]);
        at = end;
        if (this.#line.length > LONGEST_LINE_BYTES) throw malformed('a line of the chunk framing is too long');
        if (newline >= 0) this.#endOfLine();
      }
    }
  }

  #data(piece: Buffer): void {
    this.#remaining -= piece.length;
    this.#decoded += piece.length;
    if (this.#decoded > this.#options.decodedLength) {
      throw incomplete('You provided more bytes than the x-amz-decoded-content-length HTTP header specifies');
    }
    this.#chunkHash?.update(piece);
    this.push(piece);
    if (this.#remaining === 0) this.#state = 'data-end';
  }

  #endOfLine(): void {
    const text = this.#line.toString('latin1').replace(/\r?\n$/, '');
    this.#line = Buffer.alloc(0);
    switch (this.#state) {
      case 'size':
        this.#startChunk(text);
        return;
      case 'data-end':
        if (text !== '') throw malformed('a chunk is longer than its size says');
        this.#verifyChunk();
        this.#state = 'size';
        return;
      case 'trailers':
        if (text === '') this.#finish();
        else this.#trailer(text);
        return;
      case 'data':
        return;
      case 'done':
        if (text !== '') throw malformed('there is data after the last chunk');
    }
  }

  #startChunk(line: string): void {
    const match = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
    if (!match) throw malformed('a chunk does not begin with its size');
    this.#remaining = Number.parseInt(match[1] as string, 16);
    if (this.#options.signing) {
      if (!match[2]) throw malformed('a chunk has no chunk-signature');
      this.#chunkSignature = match[2];
      this.#chunkHash = createHash('sha256');
    }
    if (this.#remaining > 0) {
      this.#state = 'data';
      return;
    }
    this.#verifyChunk();
    // Without trailers the framing still ends with an empty line.
    this.#state = 'trailers';
  }

  #verifyChunk(): void {
    const { signing } = this.#options;
    if (!signing || !this.#chunkHash) return;
    this.#verify(
      'AWS4-HMAC-SHA256-PAYLOAD',
      [sha256Hex(''), this.#chunkHash.digest('hex')],
      this.#chunkSignature,
      signing,
    );
    this.#chunkHash = undefined;
  }

  #trailer(line: string): void {
    const at = line.indexOf(':');
    if (!this.#options.hasTrailer || at < 1) throw malformed('there is data after the last chunk');
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    if (name === 'x-amz-trailer-signature') {
      this.#trailerSignature = value;
      return;
    }
    if (Object.keys(this.#options.trailers).length >= MOST_TRAILERS) throw malformed('there are too many trailers');
    this.#options.trailers[name] = value;
    this.#signedTrailers += `${name}:${value}\n`;
  }

  #finish(): void {
    const { signing, hasTrailer } = this.#options;
    if (signing && hasTrailer) {
      if (this.#trailerSignature === undefined) throw malformed('the trailers have no x-amz-trailer-signature');
      this.#verify('AWS4-HMAC-SHA256-TRAILER', [sha256Hex(this.#signedTrailers)], this.#trailerSignature, signing);
    }
    this.#state = 'done';
  }

  #verify(algorithm: string, hashes: readonly string[], signature: string, signing: ChunkSigning): void {
    const text = [algorithm, signing.timestamp, scopeText(signing.scope), this.#previousSignature, ...hashes].join(
      '\n',
    );
    const expected = hmacHex(signing.key, text);
    if (!equalInConstantTime(expected, signature)) {
      throw new AwsError(
        'SignatureDoesNotMatch',
        'The chunk signature we calculated does not match the signature you provided. Check your key and signing method.',
        403,
      );
    }
    this.#previousSignature = expected;
  }
}

const malformed = (what: string): AwsError =>
  new AwsError('InvalidRequest', `The aws-chunked body is not well formed: ${what}.`);

const incomplete = (message: string): AwsError => new AwsError('IncompleteBody', message);
