import type { DatasetVersion } from './dataset.ts';
import type { ObjectLocation } from './ports/object-store.ts';

/** Where the bytes of a dataset version lie, to the version. */
export const locationsOf = ({ objects }: Pick<DatasetVersion, 'objects'>, dataBucket: string): ObjectLocation[] =>
  objects.map(({ key, versionId }) => ({ bucket: dataBucket, key, ...(versionId !== '' && { versionId }) }));
