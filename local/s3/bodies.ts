import { createReadStream, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { AccountContext } from '../service.ts';
import type { Hasher } from './checksum.ts';

/** A file with a run of an object's bytes. An object has one, or one a part. */
export interface Segment {
  readonly file: string;
  readonly bytes: number;
}

/**
 * The bytes of objects, in files whose names say nothing of bucket or key. A file is complete and on disk before a row of
 * the store names it, and is removed after no row does: a crash leaves at most a file that nothing names, swept at the
 * next start.
 */
export class Bodies {
  readonly #folder: string;
  readonly #ctx: AccountContext;
  /** How many streams read a file now. */
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(ctx: AccountContext) {
    this.#ctx = ctx;
    this.#folder = join(ctx.directory, 's3-objects');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Removes the files that nothing names. For the start, when nobody is writing. */
  sweep(named: ReadonlySet<string>): void {
    for (const file of readdirSync(this.#folder)) if (!named.has(file)) unlinkSync(join(this.#folder, file));
  }

  /**
   * Writes a stream to a new file, piece by piece, and returns when file and directory entry are on disk. `limitBytes` is
   * checked as it goes. When anything fails, no file is left.
   */
  async write(body: Readable, hashers: readonly Hasher[], limitBytes: number, tooLarge: () => Error): Promise<Segment> {
    const file = this.#ctx.ids.uuid();
    const path = join(this.#folder, file);
    const handle = await open(path, 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const piece of body as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > limitBytes) throw tooLarge();
        for (const hasher of hashers) hasher.update(piece);
        await writeAll(handle, piece);
      }
      await handle.sync();
    } catch (error) {
      await handle.close();
      await unlink(path);
      throw error;
    }
    await handle.close();
    await this.#syncFolder();
    return { file, bytes };
  }

  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** The bytes from `start` to `end` (exclusive) of the segments in a row. */
  read(segments: readonly Segment[], start: number, end: number): Readable {
    const files = segments.map(({ file }) => file);
    for (const file of files) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    const stream = Readable.from(this.#pieces(segments, start, end), { objectMode: false });
    stream.once('close', () => {
      for (const file of files) this.#release(file);
    });
    return stream;
  }

  async *#pieces(segments: readonly Segment[], start: number, end: number): AsyncIterable<Buffer> {
    let offset = 0;
    for (const { file, bytes } of segments) {
      const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, bytes)];
      offset += bytes;
      if (from < to) yield* createReadStream(join(this.#folder, file), { start: from, end: to - 1 });
    }
  }

  /** Removes files that no row names any more; one that is being read, when its last reader is done. */
  remove(segments: readonly Segment[]): void {
    for (const { file } of segments) {
      if (this.#readers.has(file)) this.#doomed.add(file);
      else this.#unlink(file);
    }
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

async function writeAll(handle: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  let written = 0;
  while (written < piece.length) written += (await handle.write(piece, written)).bytesWritten;
}
