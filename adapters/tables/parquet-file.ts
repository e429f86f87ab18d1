import type { AsyncBuffer } from 'hyparquet';
import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';
import type { TableSource } from './table-source.ts';

/** A Parquet file's bytes for hyparquet, with faults of the source told apart from faults of the file. */
export class ParquetFile {
  readonly key: string;
  readonly buffer: AsyncBuffer;
  private readonly source: TableSource;
  private held: { readonly start: number; readonly bytes: Uint8Array } | undefined;
  private sourceError: unknown;

  constructor(source: TableSource) {
    this.key = source.key;
    this.source = source;
    this.buffer = { byteLength: source.bytes, slice: (start, end) => this.slice(start, end ?? source.bytes) };
  }

  /** Fetches a row group once, since each of its windows reads all of its column chunks. `end` is exclusive. */
  async hold(start: number, end: number): Promise<void> {
    if (start < 0 || end > this.source.bytes || end <= start) throw this.corrupt('a row group lies outside the file');
    this.held = undefined;
    this.held = { start, bytes: await this.source.range(start, end - 1) };
  }

  /** Runs a decoder. What it throws means that the file is corrupt, unless the source failed. */
  async decoding<T>(decode: () => Promise<T>): Promise<T> {
    try {
      return await decode();
    } catch (error) {
      if (error instanceof TableUnreadable || error === this.sourceError) throw error;
      throw this.corrupt(error instanceof Error ? error.message : String(error));
    }
  }

  corrupt(problem: string): TableUnreadable {
    const told = problem.slice(0, 200);
    return new TableUnreadable({
      rule: 'corrupt',
      message: `${this.key} is corrupt Parquet: ${told}. Write it again.`,
    });
  }

  private async slice(start: number, end: number): Promise<ArrayBuffer> {
    const held = this.held;
    if (held !== undefined && start >= held.start && end <= held.start + held.bytes.byteLength) {
      return bufferOf(held.bytes.subarray(start - held.start, end - held.start));
    }
    if (!(start >= 0 && end <= this.source.bytes && start < end)) throw new Error('a page lies outside the file');
    try {
      return bufferOf(await this.source.range(start, end - 1));
    } catch (error) {
      this.sourceError = error;
      throw error;
    }
  }
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
