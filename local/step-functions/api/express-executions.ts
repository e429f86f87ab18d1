import { formatArn } from '../../arn.ts';
import type { AccountContext } from '../../service.ts';
import type { Engine } from '../engine/engine.ts';
import { type ExecutionRow, isMapRunChild } from '../engine/execution-log.ts';
import { checkExecutionInput } from './execution-input.ts';
import { type StartOptions, startRequest } from './executions.ts';
import { checkName } from './names.ts';
import type { StartTarget } from './start-target.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const LIMIT_SECONDS = 300;

export const isExpressExecution = (executionArn: string): boolean => executionArn.split(':')[5] === 'express';

export interface ExpressEngines {
  /** Of asynchronous starts, which are at-least-once: on disk until they end. */
  readonly durable: Engine;
  /** Of synchronous starts, which are at-most-once: whoever waits for one goes with the process, and so does it. */
  readonly inMemory: Engine;
}

/** The executions of Express machines: nobody can look at one, and nothing is left of it when it has ended. */
export class ExpressExecutions {
  readonly #context: AccountContext;
  readonly #engines: ExpressEngines;

  constructor(context: AccountContext, engines: ExpressEngines) {
    this.#context = context;
    this.#engines = engines;
  }

  /** The same name again is another execution. Throws InvalidName, InvalidExecutionInput. */
  start(target: StartTarget, options: StartOptions): { readonly arn: string; readonly startedAtMs: number } {
    const { durable } = this.#engines;
    const arn = this.#begin(durable, target, options);
    const { startedAtMs } = durable.log.byArn(arn)!;
    durable.whenEnded(arn, (row) => this.#forget(durable, row));
    return { arn, startedAtMs };
  }

  /** Its row as it ended. */
  startSync(target: StartTarget, options: StartOptions): Promise<ExecutionRow> {
    const { inMemory } = this.#engines;
    const arn = this.#begin(inMemory, target, options);
    return new Promise((resolve) => {
      inMemory.whenEnded(arn, (row) => {
        inMemory.log.forget(row.key);
        resolve(row);
      });
    });
  }

  /** After a restart: those that are under way are forgotten when they have ended, those that have ended at once. */
  resume(): void {
    const { durable } = this.#engines;
    const { region, accountId } = this.#context;
    for (const row of durable.log.under(formatArn('states', region, accountId, 'express:'))) {
      if (!isMapRunChild(row)) durable.whenEnded(row.arn, (ended) => this.#forget(durable, ended));
    }
  }

  #begin(engine: Engine, target: StartTarget, options: StartOptions): string {
    const { ids } = this.#context;
    const { input, name = ids.uuid(), traceHeader } = options;
    checkName(name);
    checkExecutionInput(input);
    const arn = `${target.machineArn.replace(':stateMachine:', ':express:')}:${name}:${ids.uuid()}`;
    engine.start({ ...startRequest(target, arn, name, input, traceHeader), limitSeconds: LIMIT_SECONDS });
    return arn;
  }

  #forget(engine: Engine, row: ExecutionRow): void {
    this.#context.store.transaction(() => engine.log.forget(row.key));
  }
}
