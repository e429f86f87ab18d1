import type { ObjectLocation, ObjectStore } from '../../domain/ports/object-store.ts';
import type { TableReader, Tables } from '../../domain/ports/tables.ts';
import { openTable } from './open-table.ts';
import { readColumns } from './read-columns.ts';
import type { TableLimits } from './table-limits.ts';

/** The Tables port over any object store. */
export function createObjectTables(
  objects: Pick<ObjectStore, 'head' | 'stream' | 'range'>,
  limits?: Partial<TableLimits>,
): Tables {
  const open = async (location: ObjectLocation): Promise<TableReader> => {
    const { bytes, versionId } = await objects.head(location);
    // The version that was measured is the one that is read, also where the caller named none.
    const pinned = versionId === 'null' ? location : { ...location, versionId };
    return openTable(
      {
        key: location.key,
        bytes,
        stream: () => objects.stream(pinned),
        range: (start, end) => objects.range(pinned, start, end),
      },
      limits,
    );
  };
  async function* each(locations: readonly ObjectLocation[]): AsyncGenerator<TableReader> {
    for (const location of locations) yield await open(location);
  }
  return { open, load: (locations, contract) => readColumns(each(locations), contract) };
}
