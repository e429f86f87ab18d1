import { AwsError } from '../../aws-error.ts';
import type { AccountContext } from '../../service.ts';
import type { Engine } from '../engine/engine.ts';
import { type ExecutionRow, isMapRunChild } from '../engine/execution-log.ts';
import { abortExecution, redriveExecution } from '../engine/redrive.ts';
import type { Parent } from '../integrations/nested-execution.ts';
import { definitionKey } from './check-definition.ts';
import { checkExecutionInput } from './execution-input.ts';
import { checkArn, checkName } from './names.ts';
import { whyNotRedrivable } from './redrive-status.ts';
import type { StartTarget } from './start-target.ts';

/** For so long after its end a Standard execution's name is taken, and its history kept. */
const NAME_KEPT_MS = 90 * 24 * 3_600_000;
/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html */
const CLIENT_TOKENS_KEPT = 10;
const CLIENT_TOKEN_MS = 15 * 60_000;

/** A start as it is asked for. */
export interface StartOptions {
  readonly input: string;
  readonly name?: string | undefined;
  readonly traceHeader?: string | undefined;
}

export interface ExecutionsDependencies {
  readonly context: AccountContext;
  readonly engine: Engine;
  readonly isDeleting: (stateMachineArn: string) => boolean;
}

/** The executions of Standard machines of one account. */
export class Executions {
  readonly #context: AccountContext;
  readonly #engine: Engine;
  readonly #isDeleting: (stateMachineArn: string) => boolean;
  readonly #expected = new Map<string, Parent>();

  constructor({ context, engine, isDeleting }: ExecutionsDependencies) {
    this.#context = context;
    this.#engine = engine;
    this.#isDeleting = isDeleting;
  }

  /** The next execution started under this ARN belongs to a task of `parent`. Returns how to take that back. */
  expect(executionArn: string, parent: Parent): () => void {
    this.#expected.set(executionArn, parent);
    return () => {
      if (this.#expected.get(executionArn) === parent) this.#expected.delete(executionArn);
    };
  }

  /** The same name and input while it runs is the same execution. Throws InvalidName, InvalidExecutionInput, ExecutionAlreadyExists. */
  start(target: StartTarget, { input, name = this.#context.ids.uuid(), traceHeader }: StartOptions): ExecutionRow {
    checkName(name);
    checkExecutionInput(input);
    const arn = `${target.machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const parent = this.#expected.get(arn);
    const existing = this.#engine.log.byArn(arn);
    if (existing) {
      const nowMs = this.#context.clock.now();
      const expired = existing.stoppedAtMs !== null && existing.stoppedAtMs + NAME_KEPT_MS < nowMs;
      if (!expired) {
        if (existing.status === 'RUNNING' && existing.input === input) return existing;
        throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
      }
      this.#context.store.transaction(() => this.#engine.log.forget(existing.key));
    }
    this.#engine.start({
      ...startRequest(target, arn, name, input, traceHeader),
      ...(parent && { parent }),
    });
    return this.#engine.log.byArn(arn)!;
  }

  /** Starts that are made in `work` go to disk with what others write: resolves with what it returned when they are there. */
  together<T>(work: () => T): Promise<T> {
    return this.#engine.together(work);
  }

  /** Throws InvalidArn, ExecutionDoesNotExist. */
  get(arn: string): ExecutionRow {
    const row = this.#engine.log.byArn(arn);
    // Of all Express executions only the children of a map run are described as Standard ones are.
    if (!row || !isMapRunChild(row)) checkArn(arn, 'execution');
    if (!row) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return row;
  }

  /** When it stopped. One that has ended is left as it is. */
  async stop(arn: string, details: { readonly error?: string; readonly cause?: string }): Promise<number> {
    await this.#engine.post(this.get(arn), abortExecution(details));
    return this.get(arn).stoppedAtMs!;
  }

  /** Goes on from the state that failed; the history is kept and gets longer. Answers when. Throws ExecutionNotRedrivable. */
  async redrive(arn: string, clientToken: string | undefined): Promise<number> {
    const row = this.get(arn);
    const nowMs = this.#context.clock.now();
    const before = clientToken === undefined ? undefined : this.#redrivenBy(row, clientToken, nowMs);
    if (before !== undefined) return before;
    const reason = this.whyNotRedrivable(row);
    if (reason !== undefined) throw new AwsError('ExecutionNotRedrivable', reason);
    if (isMapRunChild(row)) {
      throw new AwsError(
        'ExecutionNotRedrivable',
        'Execution is a child workflow of a Map Run, which is redriven with the execution that began it',
      );
    }
    const accepted = await this.#engine.post(row, redriveExecution(nowMs, clientToken));
    if (!accepted) throw new AwsError('ExecutionNotRedrivable', 'Execution is RUNNING and cannot be redriven');
    return nowMs;
  }

  /** When the same request was carried out, if it was not long ago. */
  #redrivenBy(row: ExecutionRow, clientToken: string, nowMs: number): number | undefined {
    if (row.redriveCount === 0) return undefined;
    return this.#engine.log
      .entries(row.key)
      .filter(({ type }) => type === 'ExecutionRedriven')
      .slice(-CLIENT_TOKENS_KEPT)
      .find(({ at, memo }) => memo?.clientToken === clientToken && nowMs - at <= CLIENT_TOKEN_MS)?.at;
  }

  whyNotRedrivable(row: ExecutionRow): string | undefined {
    const [last] = this.#engine.log.events(row.key, Number.MAX_SAFE_INTEGER, 1, true);
    const machineIsDeleting = this.#isDeleting(row.stateMachineArn);
    return whyNotRedrivable({ ...row, lastEventId: last?.id ?? 0, machineIsDeleting }, this.#context.clock.now());
  }
}

/** What the engine is given to start `target` as the execution `arn`. */
export const startRequest = (
  target: StartTarget,
  arn: string,
  name: string,
  input: string,
  traceHeader: string | undefined,
) => ({
  header: {
    arn,
    name,
    stateMachineArn: target.machineArn,
    stateMachineName: target.machineName,
    roleArn: target.roleArn,
    ...(target.versionArn !== undefined && { stateMachineVersionArn: target.versionArn }),
    ...(target.aliasArn !== undefined && { stateMachineAliasArn: target.aliasArn }),
  },
  definition: target.definition,
  revision: definitionKey(target.definition),
  revisionId: target.revisionId,
  input,
  ...(traceHeader !== undefined && { traceHeader }),
});
