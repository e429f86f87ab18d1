import { AwsError } from '../../aws-error.ts';
import type { AccountContext, Background, LambdaResult, Services } from '../../service.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import type { FunctionReference, Functions } from '../functions.ts';
import type { Invoker } from '../invoker.ts';
import { rolePrincipal } from '../role-principal.ts';
import { sendToDestination } from './destination.ts';
import type { InvokeConfigs } from './invoke-configs.ts';

interface QueuedEvent {
  readonly id: number;
  readonly name: string;
  readonly qualifier: string;
  readonly requestId: string;
  readonly payload: string;
  readonly queuedAtMs: number;
  /** Runs that ended in an error of the function. */
  readonly failures: number;
  /** Times that it could not be run at all: throttled, no sandbox. */
  readonly refusals: number;
}

interface AsyncQueueDeps {
  readonly ctx: AccountContext;
  readonly services: Services;
  readonly functions: Functions;
  readonly configs: InvokeConfigs;
  readonly invoker: Invoker;
}

const MOST_AT_ONCE = 16;
/** Lambda waits a minute before the first retry and two before the second. */
const RETRY_DELAYS_MS = [60_000, 120_000];
const LONGEST_REFUSAL_DELAY_MS = 300_000;

/**
 * Events for functions that nobody waits for. A row is there until the function has run without an error or its event went where failures
 * go: an event survives a crash, and may then run twice, as on AWS.
 */
export class AsyncQueue implements Background {
  readonly #deps: AsyncQueueDeps;
  readonly #inFlight = new Map<number, Promise<void>>();
  #running = false;
  #waking = false;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: AsyncQueueDeps) {
    this.#deps = deps;
    deps.ctx.store.define(`
      CREATE TABLE IF NOT EXISTS lambda_queue (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, qualifier TEXT NOT NULL, request_id TEXT NOT NULL,
        payload TEXT NOT NULL, queued_at_ms INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
        refusals INTEGER NOT NULL DEFAULT 0, next_at_ms INTEGER NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS lambda_queue_due ON lambda_queue (next_at_ms, id);
    `);
  }

  /** On disk when this returns (when the caller's transaction commits, if there is one). */
  add({ name, qualifier }: Pick<FunctionReference, 'name' | 'qualifier'>, payload: string, requestId: string): void {
    const { store, clock } = this.#deps.ctx;
    store
      .prepare(
        'INSERT INTO lambda_queue (name, qualifier, request_id, payload, queued_at_ms, next_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(name, qualifier, requestId, payload, clock.now(), clock.now());
    store.afterCommit(() => this.#wakeSoon());
  }

  start(): void {
    this.#running = true;
    this.#wakeSoon();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelTimer?.();
    await Promise.all(this.#inFlight.values());
  }

  #wakeSoon(): void {
    if (!this.#running || this.#waking) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      this.#wake();
    });
  }

  #wake(): void {
    if (!this.#running) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { store, clock } = this.#deps.ctx;
    const rows = store.prepare('SELECT * FROM lambda_queue ORDER BY next_at_ms, id LIMIT ?').all(MOST_AT_ONCE * 2 + 1);
    for (const row of rows) {
      const id = row.id as number;
      if (this.#inFlight.has(id)) continue;
      if (this.#inFlight.size >= MOST_AT_ONCE) return;
      const dueAtMs = row.next_at_ms as number;
      if (dueAtMs > clock.now()) {
        this.#cancelTimer = clock.at(dueAtMs, () => this.#wake());
        return;
      }
      const work = this.#process(toQueuedEvent(row)).finally(() => {
        this.#inFlight.delete(id);
        this.#wakeSoon();
      });
      this.#inFlight.set(id, work);
    }
  }

  async #process(event: QueuedEvent): Promise<void> {
    const { ctx, functions, configs, invoker } = this.#deps;
    const definition = functions.choose(event.name, event.qualifier);
    if (!definition) {
      ctx.log('error', 'An event is dropped: its function was deleted', { function: event.name });
      return this.#remove(event.id);
    }
    const { maximumEventAgeSeconds, maximumRetryAttempts } = configs.of(event.name, event.qualifier);
    if (ctx.clock.now() - event.queuedAtMs > maximumEventAgeSeconds * 1000) {
      return this.#giveUp(definition, event, 'EventAgeExceeded', undefined);
    }
    let result: LambdaResult;
    try {
      const { requestId, payload } = event;
      const invokedFunctionArn = functions.arnOf(event.name, event.qualifier);
      result = await invoker.invoke(definition, { requestId, payload, invokedFunctionArn });
    } catch (error) {
      return this.#tryLater(event, error);
    }
    if (!result.functionError) return this.#succeed(definition, event, result);
    if (event.failures >= maximumRetryAttempts) {
      return this.#giveUp(definition, { ...event, failures: event.failures + 1 }, 'RetriesExhausted', result);
    }
    const delayMs = RETRY_DELAYS_MS[Math.min(event.failures, RETRY_DELAYS_MS.length - 1)] as number;
    ctx.store
      .prepare('UPDATE lambda_queue SET failures = failures + 1, next_at_ms = ? WHERE id = ?')
      .run(ctx.clock.now() + delayMs, event.id);
  }

  /** It was not run: that uses up no retry. */
  #tryLater(event: QueuedEvent, error: unknown): void {
    if (!this.#running) return;
    const { ctx } = this.#deps;
    const delayMs = Math.min(1000 * 2 ** event.refusals, LONGEST_REFUSAL_DELAY_MS) * (0.5 + ctx.ids.random() / 2);
    ctx.log(error instanceof AwsError ? 'warn' : 'error', 'An event could not be run and is tried again', {
      function: event.name,
      requestId: event.requestId,
      reason: String(error),
    });
    ctx.store
      .prepare('UPDATE lambda_queue SET refusals = refusals + 1, next_at_ms = ? WHERE id = ?')
      .run(Math.ceil(ctx.clock.now() + delayMs), event.id);
  }

  async #succeed(definition: FunctionDefinition, event: QueuedEvent, result: LambdaResult): Promise<void> {
    const destination = this.#deps.configs.of(event.name, event.qualifier).destinations.OnSuccess?.Destination;
    if (destination !== undefined) {
      const record = this.#recordOf(definition, { ...event, failures: event.failures + 1 }, 'Success', result);
      await this.#send(destination, definition, record, true);
    }
    this.#remove(event.id);
  }

  async #giveUp(
    definition: FunctionDefinition,
    event: QueuedEvent,
    condition: 'RetriesExhausted' | 'EventAgeExceeded',
    result: LambdaResult | undefined,
  ): Promise<void> {
    const destination = this.#deps.configs.of(event.name, event.qualifier).destinations.OnFailure?.Destination;
    if (destination !== undefined) {
      await this.#send(destination, definition, this.#recordOf(definition, event, condition, result), false);
    }
    if (definition.deadLetterArn !== undefined) await this.#sendToDeadLetters(definition, event, condition, result);
    if (destination === undefined && definition.deadLetterArn === undefined) {
      this.#deps.ctx.log('error', 'An event is dropped: its function failed and has no destination for failures', {
        function: event.name,
        requestId: event.requestId,
        condition,
      });
    }
    this.#remove(event.id);
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
  #recordOf(definition: FunctionDefinition, event: QueuedEvent, condition: string, result: LambdaResult | undefined) {
    return {
      version: '1.0',
      timestamp: new Date(this.#deps.ctx.clock.now()).toISOString(),
      requestContext: {
        requestId: event.requestId,
        functionArn: `${definition.arn}:${event.qualifier}`,
        condition,
        approximateInvokeCount: event.failures,
      },
      requestPayload: JSON.parse(event.payload) as unknown,
      ...(result === undefined
        ? {}
        : {
            responseContext: {
              statusCode: result.statusCode,
              executedVersion: definition.version,
              ...(result.functionError ? { functionError: result.functionError } : {}),
            },
            responsePayload: JSON.parse(result.payload) as unknown,
          }),
    };
  }

  async #send(
    destination: string,
    definition: FunctionDefinition,
    record: Readonly<Record<string, unknown>>,
    succeeded: boolean,
  ): Promise<void> {
    try {
      await sendToDestination(this.#deps, destination, definition, record, succeeded);
    } catch (error) {
      const fields = { function: definition.name, destination, reason: String(error) };
      this.#deps.ctx.log('error', "The record of an invocation was not taken by the function's destination", fields);
    }
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
  async #sendToDeadLetters(
    definition: FunctionDefinition,
    event: QueuedEvent,
    condition: string,
    result: LambdaResult | undefined,
  ): Promise<void> {
    const arn = definition.deadLetterArn as string;
    const error = result ? (JSON.parse(result.payload) as { errorMessage?: string }).errorMessage : condition;
    const attributes = {
      RequestID: event.requestId,
      ErrorCode: String(result?.statusCode ?? 200),
      ErrorMessage: (error ?? '').slice(0, 1024) || 'Unknown',
    };
    try {
      await this.#deps.services.sendMessage(arn, event.payload, attributes, rolePrincipal(definition));
    } catch (reason) {
      const fields = { function: definition.name, queue: arn, reason: String(reason) };
      this.#deps.ctx.log('error', "An event was not taken by the function's dead-letter queue", fields);
    }
  }

  #remove(id: number): void {
    this.#deps.ctx.store.prepare('DELETE FROM lambda_queue WHERE id = ?').run(id);
  }
}

function toQueuedEvent(row: Record<string, unknown>): QueuedEvent {
  return {
    id: row.id as number,
    name: row.name as string,
    qualifier: row.qualifier as string,
    requestId: row.request_id as string,
    payload: row.payload as string,
    queuedAtMs: row.queued_at_ms as number,
    failures: row.failures as number,
    refusals: row.refusals as number,
  };
}
