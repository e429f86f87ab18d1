import { notImplemented } from '../../aws-error.ts';
import type { State } from '../asl.ts';
import { isObject } from '../language/jsonpath.ts';

/** Throws NotImplemented for what AWS reads and this runtime does not. */
export function refuseUnsupportedReader({ ItemReader: reader }: State, at: string): void {
  const config = isObject(reader) && isObject(reader.ReaderConfig) ? reader.ReaderConfig : {};
  const place = `(at ${at}/ItemReader/ReaderConfig)`;
  if (config.InputType === 'PARQUET') throw notImplemented(`An ItemReader with InputType PARQUET ${place}`);
  if (config.Transformation === 'LOAD_AND_FLATTEN')
    throw notImplemented(`An ItemReader with Transformation LOAD_AND_FLATTEN ${place}`);
  if (config.ManifestType === 'ATHENA_DATA')
    throw notImplemented(`An ItemReader with ManifestType ATHENA_DATA ${place}`);
}
