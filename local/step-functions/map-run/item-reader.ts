import { createGunzip } from 'node:zlib';
import { AwsError } from '../../aws-error.ts';
import type { JsonObject } from '../../service.ts';
import type { ReaderSettings } from '../interpreter/map-run.ts';
import { isObject } from '../language/jsonpath.ts';
import { csvDelimiter, csvRecords } from './csv.ts';
import { type ObjectStorage, type StorageRole, textOf } from './object-storage.ts';
import { itemReaderFailed } from './run-failure.ts';

/** One item of the dataset, and where it came from, as `$$.Map.Item.Source` says it. */
export interface SourcedItem {
  readonly value: unknown;
  readonly source: string;
}

/** More than this AWS does not take from a dataset, whatever MaxItems says. */
const MOST_ITEMS = 100_000_000;
const LONGEST_HEADERS_BYTES = 10 * 1024;

/** The items that an ItemReader names, one after the other. Throws RunFailure `States.ItemReaderFailed`. */
export async function* readItems(
  settings: ReaderSettings,
  storage: ObjectStorage,
  role: StorageRole,
): AsyncGenerator<SourcedItem> {
  const { MaxItems: maxItems } = settings.config;
  if (typeof maxItems === 'number' && maxItems < 0) throw itemReaderFailed('field MaxItems must be positive');
  // AWS was recorded taking 0 for no limit.
  const limit = Math.min(typeof maxItems === 'number' && maxItems > 0 ? maxItems : MOST_ITEMS, MOST_ITEMS);
  let count = 0;
  try {
    for await (const item of itemsOf(settings, storage, role)) {
      yield item;
      count += 1;
      if (count === limit) return;
    }
  } catch (error) {
    throw error instanceof AwsError ? itemReaderFailed(storageCause(error)) : error;
  }
}

/** An error of S3 in the words of the SDK. */
export const storageCause = ({ message, code, statusCode }: AwsError): string =>
  `${message} (Service: Amazon S3; Status Code: ${statusCode}; Error Code: ${code}; Proxy: null)`;

function itemsOf(settings: ReaderSettings, storage: ObjectStorage, role: StorageRole): AsyncGenerator<SourcedItem> {
  const { action, parameters, config } = settings;
  const bucket = text(parameters, 'Bucket');
  if (action === 'listObjectsV2') return listedObjects(storage, role, bucket, parameters);
  const key = text(parameters, 'Key');
  const versionId = typeof parameters.VersionId === 'string' ? parameters.VersionId : undefined;
  const object = new StoredObject(storage, role, bucket, key, versionId);
  switch (config.InputType) {
    case 'CSV':
      return csvItems(object, config);
    case 'JSON':
      return jsonItems(object, config);
    case 'JSONL':
      return jsonLines(object);
    case 'MANIFEST':
      return inventoryItems(object, storage, role);
    default:
      throw itemReaderFailed(`The InputType '${String(config.InputType)}' is not supported.`);
  }
}

function text(parameters: JsonObject, name: string): string {
  const { [name]: value } = parameters;
  if (typeof value !== 'string' || value === '')
    throw itemReaderFailed(`The ItemReader needs a ${name} that is a string.`);
  return value;
}

class StoredObject {
  readonly source: string;
  readonly bucket: string;
  readonly key: string;
  readonly #open: () => ReturnType<ObjectStorage['get']>;

  constructor(storage: ObjectStorage, role: StorageRole, bucket: string, key: string, versionId: string | undefined) {
    this.bucket = bucket;
    this.key = key;
    this.source = `S3://${bucket}/${key}`;
    this.#open = () => storage.get(role, bucket, key, versionId);
  }

  /** Its text in pieces, never split inside a character; gunzipped when the key ends in `.gz`. */
  async *pieces(): AsyncGenerator<string> {
    const raw = await this.#open();
    const body = this.key.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
    const decoder = new TextDecoder();
    for await (const piece of body) yield decoder.decode(piece as Uint8Array, { stream: true });
    yield decoder.decode();
  }

  async whole(): Promise<string> {
    return textOf(await this.#open());
  }
}

async function* listedObjects(
  storage: ObjectStorage,
  role: StorageRole,
  bucket: string,
  parameters: JsonObject,
): AsyncGenerator<SourcedItem> {
  const prefix = typeof parameters.Prefix === 'string' ? parameters.Prefix : '';
  let token: string | undefined;
  do {
    const page = await storage.list(role, bucket, prefix, token);
    for (const value of page.objects) yield { value, source: `S3://${bucket}` };
    token = page.continuationToken;
  } while (token !== undefined);
}

async function* csvItems(object: StoredObject, config: JsonObject): AsyncGenerator<SourcedItem> {
  const delimiter = csvDelimiter(config.CSVDelimiter);
  if (delimiter === undefined)
    throw itemReaderFailed(`The CSVDelimiter '${String(config.CSVDelimiter)}' is not supported.`);
  let headers = config.CSVHeaderLocation === 'GIVEN' ? csvHeaders(config.CSVHeaders) : undefined;
  for await (const record of csvRecords(object.pieces(), delimiter)) {
    if (headers) yield { value: named(headers, record), source: object.source };
    else headers = csvHeaders(record);
  }
}

function csvHeaders(value: unknown): readonly string[] {
  const headers = Array.isArray(value) ? value.map(String) : [];
  if (headers.length === 0) throw itemReaderFailed('CSV headers cannot be empty.');
  if (new Set(headers).size < headers.length) throw itemReaderFailed('CSV headers cannot contain duplicates.');
  if (Buffer.byteLength(headers.join('')) > LONGEST_HEADERS_BYTES)
    throw itemReaderFailed(`CSV headers cannot be longer than ${LONGEST_HEADERS_BYTES} bytes.`);
  return headers;
}

/** A field that the record lacks is empty; what is beyond the headers is left out. */
const named = (headers: readonly string[], record: readonly string[]): Record<string, string> =>
  Object.fromEntries(headers.map((name, index) => [name, record[index] ?? '']));

async function* jsonItems(object: StoredObject, config: JsonObject): AsyncGenerator<SourcedItem> {
  const document = parsed(await object.whole(), object.source);
  const items = typeof config.ItemsPointer === 'string' ? pointed(document, config.ItemsPointer) : document;
  if (!Array.isArray(items)) throw itemReaderFailed('Attempting to map over non-iterable node.');
  for (const value of items) yield { value, source: object.source };
}

/** RFC 6901. */
function pointed(document: unknown, pointer: string): unknown {
  let at = document;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const inside = typeof at === 'object' && at !== null && Object.hasOwn(at, name);
    if (!inside) throw itemReaderFailed(`The ItemsPointer ${pointer} does not lead anywhere in the dataset.`);
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

async function* jsonLines(object: StoredObject): AsyncGenerator<SourcedItem> {
  for await (const line of linesOf(object.pieces())) {
    if (line.trim() !== '') yield { value: parsed(line, object.source), source: object.source };
  }
}

async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() as string;
    yield* lines;
  }
  yield rest;
}

function parsed(json: string, source: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw itemReaderFailed(`The dataset ${source} is not valid JSON: ${(error as Error).message}`);
  }
}

/** An S3 inventory: `manifest.json` names the columns and the gzipped CSV files that list the objects. */
async function* inventoryItems(
  object: StoredObject,
  storage: ObjectStorage,
  role: StorageRole,
): AsyncGenerator<SourcedItem> {
  const manifest = parsed(await object.whole(), object.source);
  const { fileFormat, fileSchema, files } = isObject(manifest) ? manifest : {};
  if (fileFormat !== 'CSV')
    throw itemReaderFailed(`The inventory's fileFormat '${String(fileFormat)}' is not supported; it is CSV.`);
  const columns = String(fileSchema)
    .split(',')
    .map((name) => name.trim());
  for (const file of Array.isArray(files) ? files : []) {
    // An inventory's files are named as they are in the bucket that holds the manifest.
    const part = new StoredObject(storage, role, object.bucket, String((file as JsonObject).key), undefined);
    for await (const record of csvRecords(part.pieces(), ','))
      yield { value: named(columns, record), source: object.source };
  }
}
