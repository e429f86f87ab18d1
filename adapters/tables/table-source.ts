/** Where a table's bytes come from. */
export interface TableSource {
  /** For messages. */
  readonly key: string;
  readonly bytes: number;
  /** All bytes from the first, in chunks of any size. */
  stream(): Promise<AsyncIterable<Uint8Array>>;
  /** Bytes `start` to `end`, both included. */
  range(start: number, end: number): Promise<Uint8Array>;
}

/** A table that is in memory. */
export const memorySource = (bytes: Uint8Array, key = 'table'): TableSource => ({
  key,
  bytes: bytes.byteLength,
  stream: async () =>
    (async function* () {
      yield bytes;
    })(),
  range: async (start, end) => bytes.subarray(start, end + 1),
});
