import { Readable } from 'node:stream';
import { AwsError } from '../../aws-error.ts';
import type { WriterSettings } from '../interpreter/map-run.ts';
import { byteLength, PAYLOAD_LIMIT_BYTES } from '../interpreter/outcome.ts';
import { resultTexts } from './child-result.ts';
import { storageCause } from './item-reader.ts';
import type { ChildRow, MapRunLog } from './map-run-log.ts';
import type { ObjectStorage, StorageRole } from './object-storage.ts';
import { RunFailure, resultWriterFailed } from './run-failure.ts';

/** A file of results is closed when it has grown to this, so that they need not fit in memory. AWS's own files end at 5 GB. */
const FILE_BYTES = 16 * 1024 * 1024;
const PAGE = 200;

/** The run whose results are told. */
export interface ResultSource {
  readonly log: MapRunLog;
  readonly runKey: number;
  readonly mapRunArn: string;
  readonly stateMachineArn: string;
  readonly stateName: string;
}

export interface ResultFile {
  readonly Key: string;
  readonly Size: number;
}

type FileKind = 'FAILED' | 'PENDING' | 'SUCCEEDED';

const kindOf = ({ status }: ChildRow): FileKind =>
  status === 'SUCCEEDED' ? 'SUCCEEDED' : status === 'PENDING' ? 'PENDING' : 'FAILED';

function* children({ log, runKey }: ResultSource): Generator<ReturnType<MapRunLog['results']>[number]> {
  let after = -1;
  for (;;) {
    const page = log.results(runKey, after, PAGE);
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.idx;
  }
}

/**
 * Writes `SUCCEEDED_n.json`, `FAILED_n.json` and `PENDING_n.json` and then the `manifest.json` that lists them, under PREFIX/RUN/. Repeating
 * is safe: the same keys get the same contents. Throws RunFailure `States.ResultWriterFailed`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export async function exportResults(
  source: ResultSource,
  settings: WriterSettings & { readonly bucket: string },
  storage: ObjectStorage,
  role: StorageRole,
): Promise<Record<string, unknown>> {
  const { bucket, prefix = '', outputType } = settings;
  const runId = source.mapRunArn.split(':').at(-1) as string;
  const folder = `${prefix === '' ? '' : `${prefix.replace(/\/$/, '')}/`}${runId}`;
  const put = async (key: string, text: string): Promise<ResultFile> => {
    const bytes = Buffer.from(text);
    await storage.put(role, bucket, key, Readable.from([bytes]), bytes.length);
    return { Key: key, Size: bytes.length };
  };
  const extension = outputType === 'JSONL' ? 'jsonl' : 'json';
  const files: Record<FileKind, ResultFile[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  const open: Record<FileKind, ResultText> = {
    FAILED: new ResultText(outputType),
    PENDING: new ResultText(outputType),
    SUCCEEDED: new ResultText(outputType),
  };
  const close = async (kind: FileKind) => {
    const key = `${folder}/${kind}_${files[kind].length}.${extension}`;
    files[kind].push(await put(key, open[kind].text()));
    open[kind] = new ResultText(outputType);
  };
  try {
    for (const child of children(source)) {
      const kind = kindOf(child);
      for (const text of resultTexts(child, settings.transformation, source.stateMachineArn)) open[kind].add(text);
      if (open[kind].bytes >= FILE_BYTES) await close(kind);
    }
    for (const kind of ['FAILED', 'PENDING', 'SUCCEEDED'] as const) if (open[kind].bytes > 0) await close(kind);
    const manifest = { DestinationBucket: bucket, MapRunArn: source.mapRunArn, ResultFiles: files };
    const { Key } = await put(`${folder}/manifest.json`, JSON.stringify(manifest));
    return { MapRunArn: source.mapRunArn, ResultWriterDetails: { Bucket: bucket, Key } };
  } catch (error) {
    throw error instanceof AwsError ? resultWriterFailed(storageCause(error)) : error;
  }
}

/** The results as the state's own output. Throws RunFailure `States.DataLimitExceeded`. */
export function collectResults(source: ResultSource, settings: WriterSettings | undefined): unknown {
  const results = new ResultText(settings?.outputType ?? 'JSON');
  for (const child of children(source)) {
    for (const text of resultTexts(child, settings?.transformation ?? 'COMPACT', source.stateMachineArn))
      results.add(text);
    if (results.bytes > PAYLOAD_LIMIT_BYTES) {
      throw new RunFailure(
        'States.DataLimitExceeded',
        `The state/task '${source.stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      );
    }
  }
  return settings?.outputType === 'JSONL' ? results.text() : JSON.parse(results.text());
}

/** JSON texts put together as one array, or as lines. */
class ResultText {
  bytes = 0;
  readonly #lines: boolean;
  readonly #texts: string[] = [];

  constructor(outputType: WriterSettings['outputType']) {
    this.#lines = outputType === 'JSONL';
  }

  add(text: string): void {
    this.#texts.push(text);
    this.bytes += byteLength(text) + 1;
  }

  text(): string {
    return this.#lines ? this.#texts.map((one) => `${one}\n`).join('') : `[${this.#texts.join(',')}]`;
  }
}
