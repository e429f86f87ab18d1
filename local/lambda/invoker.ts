import { formatArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import { isAuthorized } from '../iam/authorize.ts';
import type { Logs } from '../logs/logs.ts';
import type { AccountContext, LambdaResult } from '../service.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { SandboxFactory } from './function-environment.ts';
import { rolePrincipal } from './role-principal.ts';
import type { FunctionError } from './sandbox/messages.ts';
import { type Run, TIMED_OUT } from './sandbox/sandbox.ts';
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
    const { ctx, pool, factory } = this.#deps;
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
      if (run.outcome.type === 'failure' && !sandbox.usable) log.write(describeEnd(run.outcome.error, ctx.clock.now()));
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

  #openLog(definition: FunctionDefinition, requestId: string) {
    const { ctx, logs } = this.#deps;
    const { version, memoryMb, logging } = definition;
    const mayKeep = mayWriteLog(ctx, definition);
    let tail = '';
    const write = (text: string) => {
      tail = (tail + text).slice(-LOG_TAIL_BYTES);
      if (mayKeep) logs.append(logging.group, { atMs: ctx.clock.now(), requestId, message: text.replace(/\n$/, '') });
    };
    const platform = (type: string, text: string, record: Readonly<Record<string, unknown>>) => {
      if (logging.systemLevel !== 'DEBUG' && logging.systemLevel !== 'INFO') return;
      const time = new Date(ctx.clock.now()).toISOString();
      write(logging.format === 'JSON' ? `${JSON.stringify({ time, type, record: { requestId, ...record } })}\n` : text);
    };
    return {
      write,
      start: () => platform('platform.start', `START RequestId: ${requestId} Version: ${version}\n`, { version }),
      end({ durationMs, initMs, outcome, memoryBytes }: Run) {
        const billedMs = Math.ceil(durationMs + (initMs ?? 0));
        // A sandbox that is gone took what it held along: it had all that it may have, as far as anybody knows.
        const usedMb = memoryBytes === undefined ? memoryMb : Math.ceil(memoryBytes / 2 ** 20);
        const end = statusOf(outcome);
        const parts = [
          `REPORT RequestId: ${requestId}`,
          `Duration: ${durationMs.toFixed(2)} ms`,
          `Billed Duration: ${billedMs} ms`,
          `Memory Size: ${memoryMb} MB`,
          `Max Memory Used: ${usedMb} MB`,
          ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
          ...(end.status === 'success' || memoryBytes !== undefined ? [] : [`Status: ${end.status}`]),
          ...(end.errorType === undefined || memoryBytes !== undefined ? [] : [`Error Type: ${end.errorType}`]),
        ];
        const metrics = {
          durationMs,
          billedDurationMs: billedMs,
          memorySizeMB: memoryMb,
          maxMemoryUsedMB: usedMb,
          initDurationMs: initMs,
        };
        platform('platform.report', `END RequestId: ${requestId}\n${parts.join('\t')}\n`, { ...end, metrics });
      },
      tail: () => Buffer.from(tail).subarray(-LOG_TAIL_BYTES).toString('utf8'),
    };
  }
}

/** Lambda writes the log as the function's role: without the permission the function runs, and its log is lost, as on AWS. */
function mayWriteLog(ctx: AccountContext, definition: FunctionDefinition): boolean {
  const { access, accountId, region } = ctx;
  const call = { principal: rolePrincipal(definition), accountId, region, requestId: ctx.ids.uuid(), access };
  const group = formatArn('logs', region, accountId, `log-group:${definition.logging.group}`);
  const resourceArn = `${group}:log-stream:${definition.name}`;
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].every((action) => isAuthorized({ call, action, resourceArn }));
}

const functionError = (error: FunctionError): LambdaResult => ({
  statusCode: 200,
  functionError: 'Unhandled',
  payload: JSON.stringify(error),
});

/** How AWS's log calls the end of an event. */
function statusOf(outcome: Run['outcome']): { readonly status: string; readonly errorType?: string } {
  if (outcome.type === 'answer') return { status: 'success' };
  if (outcome.type !== 'failure') return { status: 'error' };
  const { errorType } = outcome.error;
  return errorType === TIMED_OUT ? { status: 'timeout' } : { status: 'error', errorType };
}

/** The last line of a sandbox that is gone. */
function describeEnd({ errorType, errorMessage }: FunctionError, atMs: number): string {
  if (errorType !== TIMED_OUT) return `${errorMessage}\n${errorType}\n`;
  const [, requestId = '', what = ''] = /^RequestId: (\S+) Error: (.*)$/.exec(errorMessage) ?? [];
  return `${new Date(atMs).toISOString()} ${requestId} ${what}\n\n`;
}

const throttled = (): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429, {
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    Type: 'User',
  });

const stoppingError = (): AwsError => new AwsError('ServiceException', 'The local runtime is stopping.', 503);
