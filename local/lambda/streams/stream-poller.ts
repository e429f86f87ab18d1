import type { StreamReader, StreamRecord } from '../../dynamodb/streams.ts';
import type { AccountContext, LambdaResult, Services } from '../../service.ts';
import { sendToDestination } from '../async/destination.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import type { Functions } from '../functions.ts';
import { type Invoker, MOST_SYNC_BYTES } from '../invoker.ts';
import { rolePrincipal } from '../role-principal.ts';
import { itemFailureIndex } from './item-failures.ts';
import { type Mapping, recordFilter } from './mapping.ts';
import type { Mappings } from './mappings.ts';
import { requireStream } from './stream-access.ts';

export interface PollerDeps {
  readonly ctx: AccountContext;
  readonly services: Services;
  readonly functions: Functions;
  readonly mappings: Mappings;
  readonly invoker: Invoker;
  readonly streams: StreamReader;
}

/** Records that go to the function together. */
interface Batch {
  readonly records: readonly StreamRecord[];
  /** Runs that failed so far. */
  readonly attempts: number;
}

type Condition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;

/**
 * Carries a stream's records to a function, in order and one batch at a time. The position is on disk after each batch, so a crash repeats at
 * most the batch under way.
 */
export class StreamPoller {
  readonly #deps: PollerDeps;
  readonly #mapping: Mapping;
  readonly #wants: (record: string) => boolean;
  #position: string | undefined;
  /** What was read and is not done, in order: more than one batch after a split. */
  #pending: Batch[] = [];
  /** The end of what was read, past records that the filter left out behind the last wanted one. */
  #readUpTo: string | undefined;
  #windowEndsAtMs: number | undefined;
  #refusals = 0;
  #running = true;
  #work: Promise<void> | undefined;
  #again = false;
  #cancelTimer: (() => void) | undefined;
  readonly #unsubscribe: () => void;

  constructor(deps: PollerDeps, mapping: Mapping, position: string | undefined) {
    this.#deps = deps;
    this.#mapping = mapping;
    this.#position = position;
    this.#wants = recordFilter(mapping);
    this.#unsubscribe = deps.streams.onAppend(mapping.streamArn, () => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#unsubscribe();
    this.#cancelTimer?.();
    await this.#work;
  }

  #wake(): void {
    if (!this.#running) return;
    if (this.#work) {
      this.#again = true;
      return;
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#work = this.#drain().finally(() => {
      this.#work = undefined;
      if (this.#again) {
        this.#again = false;
        this.#wake();
      }
    });
  }

  #wakeAt(atMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#deps.ctx.clock.at(atMs, () => this.#wake());
  }

  /** Does what is there to do, until there is nothing or a delay is due. */
  async #drain(): Promise<void> {
    // Not in the stack of the write that appended.
    await Promise.resolve();
    while (this.#running) {
      const batch = this.#pending.shift() ?? this.#readBatch();
      if (!batch) return;
      const delayMs = await this.#processSafely(batch);
      if (delayMs === undefined || !this.#running) continue;
      // Appends must not cut the delay short.
      this.#again = false;
      await this.#pause(delayMs);
    }
  }

  #pause(delayMs: number): Promise<void> {
    const { clock } = this.#deps.ctx;
    return new Promise((resolve) => {
      const cancel = clock.at(clock.now() + delayMs, resolve);
      this.#cancelTimer = () => {
        cancel();
        resolve();
      };
    });
  }

  /** The next records that the function wants; undefined when there are none yet. */
  #readBatch(): Batch | undefined {
    const { streams, ctx } = this.#deps;
    const { streamArn, batchSize, batchingWindowMs } = this.#mapping;
    for (;;) {
      const read = streams.read(streamArn, this.#position, batchSize);
      const last = read.at(-1);
      if (!last) return undefined;
      if (read.length < batchSize && batchingWindowMs > 0) {
        this.#windowEndsAtMs ??= ctx.clock.now() + batchingWindowMs;
        if (ctx.clock.now() < this.#windowEndsAtMs) {
          this.#wakeAt(this.#windowEndsAtMs);
          return undefined;
        }
      }
      this.#windowEndsAtMs = undefined;
      const wanted = read.filter((record) => this.#wants(JSON.stringify(record)));
      if (wanted.length > 0) {
        this.#readUpTo = last.dynamodb.SequenceNumber;
        return { records: wanted, attempts: 0 };
      }
      this.#moveTo(last.dynamodb.SequenceNumber);
    }
  }

  async #processSafely(batch: Batch): Promise<number | undefined> {
    try {
      return await this.#process(batch);
    } catch (error) {
      // It was not run (throttled, stopping, no permission to read): that uses up no attempt.
      this.#pending.unshift(batch);
      if (this.#running) {
        this.#deps.ctx.log('warn', 'A batch of a stream could not be run and is tried again', {
          function: this.#mapping.functionName,
          stream: this.#mapping.streamArn,
          reason: String(error),
        });
      }
      return this.#delayMs(this.#refusals++);
    }
  }

  /** How long to wait before going on; undefined for not at all. */
  async #process(batch: Batch): Promise<number | undefined> {
    const { ctx, functions, invoker } = this.#deps;
    const { functionName, qualifier, streamArn } = this.#mapping;
    const definition = functions.choose(functionName, qualifier) ?? functions.require(functionName, qualifier);
    const call = {
      principal: rolePrincipal(definition),
      accountId: ctx.accountId,
      region: ctx.region,
      requestId: ctx.ids.uuid(),
      access: ctx.access,
    };
    requireStream(call, streamArn);
    const fresh = await this.#dropExpired(definition, batch);
    if (!fresh) return undefined;

    const payload = JSON.stringify({ Records: fresh.records });
    if (Buffer.byteLength(payload) > MOST_SYNC_BYTES && fresh.records.length > 1) {
      this.#split(fresh);
      return undefined;
    }
    const invokedFunctionArn = functions.arnOf(functionName, qualifier);
    const { requestId } = call;
    const result = await invoker.invoke(definition, { requestId, payload, invokedFunctionArn });
    this.#refusals = 0;

    const failedAt = this.#failedAt(fresh, result);
    if (failedAt === undefined) {
      this.#done(fresh);
      return undefined;
    }
    return this.#afterFailure(definition, fresh, failedAt, { requestId, result });
  }

  /** Index of the first record that has to be run again; undefined when all went well. */
  #failedAt({ records }: Batch, result: LambdaResult): number | undefined {
    if (result.functionError) return 0;
    if (!this.#mapping.reportsItemFailures) return undefined;
    return itemFailureIndex(
      result.payload,
      records.map(({ dynamodb }) => dynamodb.SequenceNumber),
    );
  }

  async #afterFailure(
    definition: FunctionDefinition,
    { records, attempts }: Batch,
    failedAt: number,
    run: { requestId: string; result: LambdaResult },
  ): Promise<number | undefined> {
    const { bisectOnError, maximumRetryAttempts } = this.#mapping;
    if (failedAt > 0) this.#moveTo(sequenceOf(records[failedAt - 1] as StreamRecord));
    const rest: Batch = { records: records.slice(failedAt), attempts: failedAt > 0 ? 0 : attempts };
    // A split does not count as an attempt: the halves begin with what the whole has left.
    if (bisectOnError && rest.records.length > 1 && failedAt === 0) {
      this.#split(rest);
      return this.#delayMs(attempts);
    }
    const failed: Batch = { ...rest, attempts: rest.attempts + 1 };
    if (maximumRetryAttempts >= 0 && failed.attempts > maximumRetryAttempts) {
      await this.#discard(definition, failed, 'RetryAttemptsExhausted', run);
      return undefined;
    }
    this.#pending.unshift(failed);
    return this.#delayMs(failed.attempts - 1);
  }

  #split({ records, attempts }: Batch): void {
    const middle = Math.ceil(records.length / 2);
    this.#pending.unshift(
      { records: records.slice(0, middle), attempts },
      { records: records.slice(middle), attempts },
    );
  }

  /** Without the records that have grown too old; undefined when none is left. */
  async #dropExpired(definition: FunctionDefinition, batch: Batch): Promise<Batch | undefined> {
    const { maximumRecordAgeSeconds } = this.#mapping;
    if (maximumRecordAgeSeconds < 0) return batch;
    const oldestSeconds = this.#deps.ctx.clock.now() / 1000 - maximumRecordAgeSeconds;
    const isExpired = ({ dynamodb }: StreamRecord) => dynamodb.ApproximateCreationDateTime < oldestSeconds;
    const firstFresh = batch.records.findIndex((record) => !isExpired(record));
    if (firstFresh === 0) return batch;
    const expired = firstFresh < 0 ? batch.records : batch.records.slice(0, firstFresh);
    const rest = firstFresh < 0 ? undefined : { ...batch, records: batch.records.slice(firstFresh) };
    // While it is being sent away, the rest counts as not done.
    if (rest) this.#pending.unshift(rest);
    await this.#discard(definition, { ...batch, records: expired }, 'RecordAgeExceeded', undefined);
    return rest && this.#pending.shift();
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
  async #discard(
    definition: FunctionDefinition,
    batch: Batch,
    condition: Condition,
    run: { requestId: string; result: LambdaResult } | undefined,
  ): Promise<void> {
    const { ctx } = this.#deps;
    const { streamArn, destinations } = this.#mapping;
    const first = batch.records[0] as StreamRecord;
    const last = batch.records.at(-1) as StreamRecord;
    const time = ({ dynamodb }: StreamRecord) => new Date(dynamodb.ApproximateCreationDateTime * 1000).toISOString();
    const record = {
      requestContext: {
        requestId: run?.requestId ?? ctx.ids.uuid(),
        functionArn: definition.arn,
        condition,
        approximateInvokeCount: batch.attempts,
      },
      ...(run
        ? {
            responseContext: {
              statusCode: run.result.statusCode,
              executedVersion: definition.version,
              functionError: run.result.functionError ?? 'Unhandled',
            },
          }
        : {}),
      version: '1.0',
      timestamp: new Date(ctx.clock.now()).toISOString(),
      DDBStreamBatchInfo: {
        shardId: 'shardId-00000000000000000000-00000000',
        startSequenceNumber: sequenceOf(first),
        endSequenceNumber: sequenceOf(last),
        approximateArrivalOfFirstRecord: time(first),
        approximateArrivalOfLastRecord: time(last),
        batchSize: batch.records.length,
        streamArn,
      },
    };
    const destination = destinations.OnFailure?.Destination;
    const fields = { function: definition.name, condition, ...record.DDBStreamBatchInfo };
    ctx.log('error', 'Records of a stream are given up', { ...fields, destination });
    if (destination !== undefined) {
      await sendToDestination(this.#deps, destination, definition, record, false).catch((error: unknown) =>
        ctx.log('error', "The record of an invocation was not taken by the mapping's destination", {
          ...fields,
          destination,
          reason: String(error),
        }),
      );
    }
    this.#done(batch);
  }

  #done({ records }: Batch): void {
    const isEndOfRead = this.#pending.length === 0 && this.#readUpTo !== undefined;
    this.#moveTo(isEndOfRead ? (this.#readUpTo as string) : sequenceOf(records.at(-1) as StreamRecord));
  }

  #moveTo(position: string): void {
    this.#position = position;
    this.#deps.mappings.moveTo(this.#mapping.uuid, position);
  }

  #delayMs(attempt: number): number {
    const step = Math.min(FIRST_DELAY_MS * 2 ** attempt, LONGEST_DELAY_MS);
    return step * (0.5 + this.#deps.ctx.ids.random() / 2);
  }
}

const sequenceOf = ({ dynamodb }: StreamRecord): string => dynamodb.SequenceNumber;
