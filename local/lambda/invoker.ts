import { AwsError } from '../aws-error.ts';
import type { Logs } from '../logs/logs.ts';
import type { AccountContext, LambdaResult } from '../service.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { SandboxFactory } from './function-environment.ts';
import type { FunctionError } from './sandbox/messages.ts';
import type { Run } from './sandbox/sandbox.ts';
import type { SandboxPool } from './sandbox/sandbox-pool.ts';

export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** As the caller named the function. */
  readonly invokedFunctionArn: string;
  readonly clientContext?: unknown;
}

export interface InvocationResult extends LambdaResult {
  /** The last 4 KB of what the function logged, for LogType Tail. */
  readonly logTail: string;
}

interface InvokerDeps {
  readonly ctx: AccountContext;
  readonly logs: Logs;
  readonly pool: SandboxPool;
  readonly factory: SandboxFactory;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MOST_SYNC_BYTES = 6 * 1024 * 1024;
/** 6 MB and a little for AWS's own envelope. */
const MOST_RESPONSE_BYTES = MOST_SYNC_BYTES + 100;
const LOG_TAIL_BYTES = 4096;

/** Runs one event in one sandbox, within the function's share of concurrency. */
export class Invoker {
  readonly #deps: InvokerDeps;
  readonly #running = new Map<string, number>();
  #stopping = false;

  constructor(deps: InvokerDeps) {
    this.#deps = deps;
  }

  /** Throws TooManyRequestsException, or AwsError when the function cannot be run at all. */
  async invoke(definition: FunctionDefinition, invocation: Invocation): Promise<InvocationResult> {
    const { name, reservedConcurrency } = definition;
    const running = this.#running.get(name) ?? 0;
    if (reservedConcurrency !== undefined && running >= reservedConcurrency) throw throttled();
    this.#running.set(name, running + 1);
    try {
      return await this.#invokeInSandbox(definition, invocation);
    } finally {
      this.#running.set(name, (this.#running.get(name) ?? 1) - 1);
    }
  }

  /** Loads a sandbox ahead of an event. Throws AwsError when the function cannot be run at all. */
  expect(definition: FunctionDefinition): void {
    const { pool, factory } = this.#deps;
    if (!this.#stopping) pool.warm(this.#key(definition), () => factory.create(definition));
  }

  /** Warm sandboxes of this function run nothing any more once their event is over. */
  retire(name: string): void {
    this.#deps.pool.retire(this.#keyPrefix(name));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#deps.pool.stop(`${this.#deps.ctx.accountId}/`);
  }

  async #invokeInSandbox(definition: FunctionDefinition, invocation: Invocation): Promise<InvocationResult> {
    const { pool, factory } = this.#deps;
    if (this.#stopping) throw stoppingError();
    const sandbox = await pool
      .lease(this.#key(definition), () => factory.create(definition))
      .catch((error: unknown) => {
        throw this.#stopping ? stoppingError() : error;
      });
    const log = this.#openLog(definition, invocation.requestId);
    try {
      log.start();
      const timeoutMs = definition.timeoutSeconds * 1000;
      const run = await sandbox.run({ ...invocation, timeoutMs }, log.write);
      if (run.outcome.type === 'stopped') throw stoppingError();
      if (run.outcome.type === 'failure' && !sandbox.usable) log.write(`${describeEnd(run.outcome.error)}\n`);
      log.end(run);
      return { ...this.#toResult(definition, invocation, run), logTail: log.tail() };
    } finally {
      pool.giveBack(sandbox);
    }
  }

  #toResult(definition: FunctionDefinition, { requestId }: Invocation, { outcome }: Run): LambdaResult {
    if (outcome.type === 'answer') {
      const bytes = Buffer.byteLength(outcome.payload);
      if (bytes <= MOST_RESPONSE_BYTES) return { statusCode: 200, payload: outcome.payload };
      return functionError({
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${MOST_RESPONSE_BYTES} bytes).`,
      });
    }
    if (outcome.type === 'stopped') throw stoppingError();
    this.#deps.ctx.log('warn', 'A function failed', {
      function: definition.name,
      requestId,
      errorType: outcome.error.errorType,
      errorMessage: outcome.error.errorMessage,
    });
    return functionError(outcome.error);
  }

  #key({ name, version, revisionId }: FunctionDefinition): string {
    return `${this.#keyPrefix(name)}${version}/${revisionId}`;
  }

  #keyPrefix(name: string): string {
    return `${this.#deps.ctx.accountId}/${name}/`;
  }

  #openLog({ version, memoryMb, logging }: FunctionDefinition, requestId: string) {
    const { ctx, logs } = this.#deps;
    let tail = '';
    const write = (text: string) => {
      tail = (tail + text).slice(-LOG_TAIL_BYTES);
      logs.append(logging.group, { atMs: ctx.clock.now(), requestId, message: text.replace(/\n$/, '') });
    };
    const platform = (type: string, text: string, record: Readonly<Record<string, unknown>>) => {
      if (logging.systemLevel !== 'DEBUG' && logging.systemLevel !== 'INFO') return;
      const time = new Date(ctx.clock.now()).toISOString();
      write(logging.format === 'JSON' ? `${JSON.stringify({ time, type, record: { requestId, ...record } })}\n` : text);
    };
    return {
      write,
      start: () => platform('platform.start', `START RequestId: ${requestId} Version: ${version}\n`, { version }),
      end({ durationMs, initMs, outcome }: Run) {
        const billed = Math.ceil(durationMs + (initMs ?? 0));
        const init = initMs === undefined ? '' : `\tInit Duration: ${initMs.toFixed(2)} ms`;
        const status = outcome.type === 'answer' ? 'success' : 'error';
        platform(
          'platform.report',
          `END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billed} ms\tMemory Size: ${memoryMb} MB${init}\n`,
          { status, metrics: { durationMs, billedDurationMs: billed, memorySizeMB: memoryMb, initDurationMs: initMs } },
        );
      },
      tail: () => Buffer.from(tail).subarray(-LOG_TAIL_BYTES).toString('utf8'),
    };
  }
}

const functionError = (error: FunctionError): LambdaResult => ({
  statusCode: 200,
  functionError: 'Unhandled',
  payload: JSON.stringify(error),
});

const describeEnd = ({ errorType, errorMessage }: FunctionError): string => `${errorType}: ${errorMessage}`;

const throttled = (): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, {
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    Type: 'User',
  });

const stoppingError = (): AwsError => new AwsError('ServiceException', 'The local runtime is stopping.', 503);
