import { isAscii, isUtf8 } from 'node:buffer';

/** Bytes that are no text of the encoding. `before` is the text of the same chunk up to them, to count lines in. */
export class InvalidText extends Error {
  override readonly name = 'InvalidText';
  readonly before: string;
  readonly what: string;
  constructor(before: string, what: string) {
    super(what);
    this.before = before;
    this.what = what;
  }
}

/** Small chunks are joined up to this, so that a record over many of them is not scanned once for each. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The text of a byte stream, in chunks that end between characters. UTF-8 unless a byte order mark says UTF-16; nothing is
 * replaced: a byte that is not valid throws {@link InvalidText}, and so does NUL, which no text has.
 */
export async function* strictText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decode: Decode | undefined;
  let rest: Uint8Array = new Uint8Array();
  let offset = 0;
  for await (const chunk of joined(bytes)) {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (decode === undefined) {
      const mark = byteOrderMark(data);
      decode = mark.decode;
      data = data.subarray(mark.length);
      offset = mark.length;
    }
    const { text, used } = decode(data, offset, false);
    rest = data.subarray(used);
    offset += used;
    if (text !== '') yield text;
  }
  if (rest.length > 0 && decode !== undefined) decode(rest, offset, true);
}

/** The first chunk is passed on as soon as it has the four bytes that tell the encoding. */
async function* joined(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    parts.push(chunk);
    size += chunk.length;
    if (size < CHUNK_BYTES) continue;
    yield* pieces(parts.length === 1 ? chunk : Buffer.concat(parts));
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts);
}

/** A source that is in memory may come as one chunk of any size. */
function* pieces(chunk: Uint8Array): Generator<Uint8Array> {
  const largest = 4 * CHUNK_BYTES;
  for (let at = 0; at < chunk.length; at += largest) yield chunk.subarray(at, at + largest);
}

/** `offset` is where `data` begins in the file. `used` bytes were decoded; the rest is the start of a character. */
type Decode = (data: Uint8Array, offset: number, isLast: boolean) => { text: string; used: number };

function byteOrderMark(data: Uint8Array): { decode: Decode; length: number } {
  if (data[0] === 0xff && data[1] === 0xfe) return { decode: utf16('le'), length: 2 };
  if (data[0] === 0xfe && data[1] === 0xff) return { decode: utf16('be'), length: 2 };
  if (data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf) return { decode: decodeUtf8, length: 3 };
  return { decode: decodeUtf8, length: 0 };
}

function decodeUtf8(data: Uint8Array, offset: number, isLast: boolean): { text: string; used: number } {
  const used = isLast ? data.length : data.length - unfinished(data);
  const whole = Buffer.from(data.buffer, data.byteOffset, used);
  if (!isUtf8(whole)) {
    const at = firstInvalid(whole);
    const byte = whole[at]!.toString(16).padStart(2, '0');
    throw new InvalidText(whole.toString('utf8', 0, at), `byte ${offset + at} (0x${byte}) is not valid UTF-8`);
  }
  const text = whole.toString(isAscii(whole) ? 'latin1' : 'utf8');
  refuseNul(text, 'is it UTF-16 without a byte order mark, or no text at all?');
  return { text, used };
}

/** Bytes at the end that begin a character without ending it. */
function unfinished(data: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, data.length); back++) {
    const byte = data[data.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** By halves: the longest prefix that is valid, but for a character that it cuts. */
function firstInvalid(data: Buffer): number {
  let valid = 0;
  let invalid = data.length;
  while (valid < invalid) {
    const middle = (valid + invalid + 1) >> 1;
    const prefix = data.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, middle - unfinished(prefix)))) valid = middle;
    else invalid = middle - 1;
  }
  return Math.max(0, Math.min(valid - unfinished(data.subarray(0, valid)), data.length - 1));
}

const utf16 =
  (endian: 'le' | 'be'): Decode =>
  (data, offset, isLast) => {
    const even = data.length - (data.length % 2);
    if (isLast && even < data.length) throw new InvalidText('', `byte ${offset + even} is half a UTF-16 character`);
    const copy = Buffer.from(data.subarray(0, even));
    if (endian === 'be') copy.swap16();
    const lastUnit = even >= 2 ? copy.readUInt16LE(even - 2) : 0;
    const isSplit = !isLast && lastUnit >= 0xd800 && lastUnit <= 0xdbff;
    const used = isSplit ? even - 2 : even;
    const text = copy.toString('utf16le', 0, used);
    if (!text.isWellFormed()) {
      const at = text.search(/\p{Surrogate}/u);
      throw new InvalidText(text.slice(0, at), `byte ${offset + 2 * at} is half of a UTF-16 surrogate pair`);
    }
    refuseNul(text, 'is it text at all?');
    return { text, used };
  };

function refuseNul(text: string, question: string): void {
  const at = text.indexOf('\0');
  if (at >= 0) throw new InvalidText(text.slice(0, at), `there is a NUL character: ${question}`);
}
