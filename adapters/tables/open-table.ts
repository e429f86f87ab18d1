import { TableUnreadable } from '../../domain/data-contract/table-unreadable.ts';
import { StorageUnavailable } from '../../domain/errors.ts';
import type { TableReader } from '../../domain/ports/tables.ts';
import { openCsv } from './csv-table.ts';
import { formatOf } from './file-format.ts';
import { DEFAULT_TABLE_LIMITS, type TableLimits } from './table-limits.ts';
import type { TableSource } from './table-source.ts';

const HEAD_BYTES = 4096;

/**
 * Opens a CSV or Parquet file, told apart by its bytes. Throws TableUnreadable, at once or from `batches()`, for what is no
 * table, and whatever the source throws. `batches()` can be called once. In constant memory: see table-limits.ts.
 */
export async function openTable(source: TableSource, limits: Partial<TableLimits> = {}): Promise<TableReader> {
  const all = { ...DEFAULT_TABLE_LIMITS, ...limits };
  const { key, bytes } = source;
  if (bytes === 0) throw new TableUnreadable({ rule: 'empty', message: `${key} is empty: it has 0 bytes.` });
  if (bytes > all.maxBytes) {
    const message = `${key} has ${bytes} bytes, at most ${all.maxBytes} are read. Split it into several files and name them in one manifest.`;
    throw new TableUnreadable({ rule: 'limit', message });
  }
  const head = await source.range(0, Math.min(bytes, HEAD_BYTES) - 1);
  if (formatOf(head, key) === 'csv') return openCsv(whole(source), key, all);
  // Parquet's decoders, a wasm module among them, are loaded for Parquet files alone.
  const { openParquet } = await import('./parquet-table.ts');
  return openParquet(source, all);
}

/** A connection that closes early must not make a shorter table. */
async function* whole({ key, bytes, stream }: TableSource): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of await stream()) {
    received += chunk.length;
    yield chunk;
  }
  if (received !== bytes) throw new StorageUnavailable(`${key} ended after ${received} of ${bytes} bytes`);
}
