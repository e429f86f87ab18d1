import { AwsError } from '../../aws-error.ts';
import type { AccountContext } from '../../service.ts';
import type { Engine } from '../engine/engine.ts';
import { abortExecution } from '../engine/redrive.ts';
import type { Entry } from '../interpreter/entry.ts';
import type { Execution } from '../interpreter/execution.ts';
import type { Aliases } from './aliases.ts';
import { readMachineArn } from './names.ts';
import type { StateMachines } from './state-machines.ts';
import type { Versions } from './versions.ts';

/**
 * The end of a state machine: it is DELETING until its executions have ended, each at its next transition at the latest.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
 */
export class MachineDeletion {
  readonly #context: AccountContext;
  readonly #machines: StateMachines;
  readonly #versions: Versions;
  readonly #aliases: Aliases;
  readonly #engine: () => Engine;
  readonly #deleting: Set<string>;

  constructor(
    context: AccountContext,
    machines: StateMachines,
    versions: Versions,
    aliases: Aliases,
    engine: () => Engine,
  ) {
    this.#context = context;
    this.#machines = machines;
    this.#versions = versions;
    this.#aliases = aliases;
    this.#engine = engine;
    this.#deleting = new Set(machines.deleting());
  }

  has(machineArn: string): boolean {
    return this.#deleting.has(machineArn);
  }

  /** Of a machine that is not there there is nothing to do. Throws InvalidArn, ValidationException. */
  begin(given: string): void {
    const { arn } = readMachineArn(given);
    if (arn !== given) {
      throw new AwsError(
        'ValidationException',
        `The ARN of a state machine is needed, without a qualifier, not ${given}`,
      );
    }
    if (!this.#machines.find(arn)) return;
    this.#context.store.transaction(() => {
      this.#machines.markDeleting(arn);
      this.#finish(arn);
    });
    if (this.#machines.find(arn)) this.#deleting.add(arn);
  }

  /** In the transaction that ends an execution: the last one takes the machine with it. */
  onEnded({ status, header }: Execution): void {
    if (status !== 'RUNNING' && this.#deleting.has(header.stateMachineArn)) this.#finish(header.stateMachineArn);
  }

  /** After a commit: a state was left, which is as far as an execution of a machine in deletion goes. */
  onCommitted(execution: Execution, entries: readonly Entry[]): void {
    const { header, status } = execution;
    if (status !== 'RUNNING' || !this.#deleting.has(header.stateMachineArn)) return;
    if (!entries.some(({ type }) => type.endsWith('StateExited'))) return;
    const engine = this.#engine();
    const row = engine.log.byArn(header.arn);
    if (!row) return;
    engine.post(row, abortExecution()).catch((error: unknown) =>
      this.#context.log('warn', 'an execution of a machine in deletion was not stopped; it goes on', {
        executionArn: header.arn,
        error: String(error),
      }),
    );
  }

  /** After a restart: what ended without its machine. */
  resume(): void {
    for (const arn of [...this.#deleting]) this.#context.store.transaction(() => this.#finish(arn));
  }

  #finish(machineArn: string): void {
    if (this.#engine().log.list(machineArn, 'RUNNING', 1, Number.MAX_SAFE_INTEGER).length > 0) return;
    this.#versions.deleteAll(machineArn);
    this.#aliases.deleteAll(machineArn);
    this.#machines.remove(machineArn);
    this.#context.store.afterCommit(() => this.#deleting.delete(machineArn));
  }
}
