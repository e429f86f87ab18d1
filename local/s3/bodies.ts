import { createReadStream, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { AccountContext } from '../service.ts';
import type { Hasher } from './checksum.ts';
import { FolderSync } from './folder-sync.ts';
import { decryptSegment, encryptSegment, IV_BYTES } from './segment-cipher.ts';

/** A run of an object's bytes. An object has one, or one a part. */
export interface Segment {
  /** The name of a file or, of an inline one, of a row. It says nothing of bucket or key. */
  readonly file: string;
  readonly bytes: number;
  /** So small that it is kept in the store, with the rows that name it. */
  readonly inline?: true;
  /** Base64: what the object's data key was used with. Absent: the bytes are plain. */
  readonly iv?: string;
}

export interface NewBody {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly dataKey: Uint8Array;
  /** Are given the plain bytes. */
  readonly hashers: readonly Hasher[];
  /** Checked as it goes. */
  readonly limitBytes: number;
  readonly tooLarge: () => Error;
}

/** What is not larger goes into the store: then one commit makes it durable, and nothing else has to reach the disk first. */
const MOST_INLINE_BYTES = 16 * 1024;

/**
 * The bytes of objects, encrypted. Large ones are files: a file is complete and on disk before a row of the store names it,
 * and is removed after no row does. A crash leaves at most a file that nothing names, swept at the next start. Small ones
 * are rows, which come and go in the transaction that names them.
 */
export class Bodies {
  readonly #folder: string;
  readonly #folderSync: FolderSync;
  readonly #ctx: AccountContext;
  /** Small bodies that no transaction has kept yet. */
  readonly #staged = new Map<string, Buffer>();
  /** How many streams read a file now. */
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    this.#folder = join(ctx.directory, 's3-objects');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#folderSync = new FolderSync(this.#folder);
    ctx.store.define('CREATE TABLE IF NOT EXISTS s3_small_bodies (name TEXT PRIMARY KEY, bytes BLOB NOT NULL)');
  }

  /** Removes the files that nothing names. For the start, when nobody is writing. */
  sweep(named: ReadonlySet<string>): void {
    for (const file of readdirSync(this.#folder)) if (!named.has(file)) unlinkSync(join(this.#folder, file));
  }

  /**
   * Takes in a stream piece by piece, encrypted. When this returns, a large body is on disk; a small one is when the
   * transaction that calls `keep` is. When anything fails, nothing is left.
   */
  async write({ bytes: body, dataKey, hashers, limitBytes, tooLarge }: NewBody): Promise<Segment> {
    const iv = Buffer.from(this.#ctx.ids.hex(2 * IV_BYTES), 'hex');
    const cipher = encryptSegment(dataKey, iv);
    const file = this.#ctx.ids.uuid();
    let small: Buffer[] = [];
    let handle: FileHandle | undefined;
    let bytes = 0;
    try {
      for await (const piece of body) {
        bytes += piece.length;
        if (bytes > limitBytes) throw tooLarge();
        for (const hasher of hashers) hasher.update(piece);
        small.push(cipher.update(piece));
        if (bytes <= MOST_INLINE_BYTES) continue;
        handle ??= await open(join(this.#folder, file), 'wx', 0o600);
        await writeAll(handle, small);
        small = [];
      }
      await handle?.sync();
    } catch (error) {
      await handle?.close();
      if (handle) await unlink(join(this.#folder, file));
      throw error;
    }
    if (!handle) {
      this.#staged.set(file, Buffer.concat(small));
      return { file, bytes, inline: true, iv: iv.toString('base64') };
    }
    await handle.close();
    await this.#folderSync.sync();
    return { file, bytes, iv: iv.toString('base64') };
  }

  /** Within the transaction that puts the segments' names into rows. */
  keep(segments: readonly Segment[]): void {
    for (const { file } of segments) {
      const bytes = this.#staged.get(file);
      if (!bytes) continue;
      this.#ctx.store.prepare('INSERT INTO s3_small_bodies VALUES (?, ?)').run(file, bytes);
      this.#ctx.store.afterCommit(() => this.#staged.delete(file));
    }
  }

  /** The bytes from `start` to `end` (exclusive) of the segments in a row. `dataKey` may be absent for plain ones. */
  read(segments: readonly Segment[], start: number, end: number, dataKey: Uint8Array | undefined): Readable {
    const pieces = piecesOf(segments, start, end).map((piece) =>
      piece.segment.inline ? { ...piece, stored: this.#stored(piece.segment) } : piece,
    );
    const files = pieces.flatMap(({ segment }) => (segment.inline ? [] : [segment.file]));
    for (const file of files) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    const stream = Readable.from(this.#decrypted(pieces, dataKey), { objectMode: false });
    stream.once('close', () => {
      for (const file of files) this.#release(file);
    });
    return stream;
  }

  /** The same at once, where no file has to be read for it; otherwise undefined. */
  readSmall(
    segments: readonly Segment[],
    start: number,
    end: number,
    dataKey: Uint8Array | undefined,
  ): Buffer | undefined {
    const pieces = piecesOf(segments, start, end);
    if (!pieces.every(({ segment }) => segment.inline)) return undefined;
    return Buffer.concat(
      pieces.map(({ segment, from, to }) =>
        decipherAt(segment, from, dataKey)(this.#stored(segment).subarray(from, to)),
      ),
    );
  }

  async *#decrypted(
    pieces: readonly (Piece & { readonly stored?: Buffer })[],
    dataKey: Uint8Array | undefined,
  ): AsyncIterable<Buffer> {
    for (const { segment, from, to, stored } of pieces) {
      const decrypt = decipherAt(segment, from, dataKey);
      if (stored) {
        yield decrypt(stored.subarray(from, to));
        continue;
      }
      const file = createReadStream(join(this.#folder, segment.file), {
        start: from,
        end: to - 1,
        highWaterMark: READ_BYTES,
      });
      for await (const bytes of file as AsyncIterable<Buffer>) yield decrypt(bytes);
    }
  }

  #stored({ file }: Segment): Buffer {
    const row = this.#ctx.store.prepare('SELECT bytes FROM s3_small_bodies WHERE name = ?').get(file);
    if (!row) throw new Error(`The bytes ${file} of an object are not in the store.`);
    return Buffer.from(row.bytes as Uint8Array);
  }

  /**
   * Removes what no row names any more, when the transaction under way has committed; a file that is being read, when its
   * last reader is done.
   */
  remove(segments: readonly Segment[]): void {
    for (const { file, inline } of segments) {
      if (!inline) this.#ctx.store.afterCommit(() => this.#removeFile(file));
      else {
        // Both: what another write of the same group put down is a row already and staged still.
        this.#staged.delete(file);
        this.#ctx.store.prepare('DELETE FROM s3_small_bodies WHERE name = ?').run(file);
      }
    }
  }

  #removeFile(file: string): void {
    if (this.#readers.has(file)) this.#doomed.add(file);
    else this.#unlink(file);
  }

  #release(file: string): void {
    const readers = (this.#readers.get(file) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(file, readers);
      return;
    }
    this.#readers.delete(file);
    if (this.#doomed.delete(file)) this.#unlink(file);
  }

  #unlink(file: string): void {
    unlink(join(this.#folder, file)).catch((error: unknown) => {
      this.#ctx.log('warn', 'A file of a deleted object could not be removed; the next start tries again.', {
        file,
        error: String(error),
      });
    });
  }
}

const READ_BYTES = 256 * 1024;

/** What of a segment is wanted. */
interface Piece {
  readonly segment: Segment;
  readonly from: number;
  readonly to: number;
}

function piecesOf(segments: readonly Segment[], start: number, end: number): readonly Piece[] {
  let offset = 0;
  return segments.flatMap((segment) => {
    const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, segment.bytes)];
    offset += segment.bytes;
    return from < to ? [{ segment, from, to }] : [];
  });
}

function decipherAt({ iv }: Segment, from: number, dataKey: Uint8Array | undefined): (bytes: Buffer) => Buffer {
  if (iv === undefined) return (bytes) => bytes;
  if (dataKey === undefined) throw new Error('An encrypted object has no data key.');
  const decipher = decryptSegment(dataKey, Buffer.from(iv, 'base64'), from);
  return (bytes) => decipher.update(bytes);
}

async function writeAll(handle: FileHandle, pieces: readonly Buffer[]): Promise<void> {
  const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  let written = 0;
  while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
}
