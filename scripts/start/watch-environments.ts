import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { readHistory } from '../../cli/runs/read-history.ts';
import { hasFailed, runStatus } from '../../cli/runs/run.ts';
import { readCause, type Step, stepsOf } from '../../cli/runs/run-steps.ts';
import type { Connection } from '../../cli/target/connection.ts';
import { machines } from '../../cli/target/resource-names.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Machine } from '../../domain/ports/workflows.ts';

/** A step that has ended, somewhere. */
export interface EndedStep {
  readonly environment: Environment;
  readonly machine: Machine;
  readonly runId: string;
  readonly step: Step;
  /** What its function found, from the audit trail. */
  readonly verdict: string | null;
}

export interface FailedRun {
  readonly environment: Environment;
  readonly machine: Machine;
  readonly runId: string;
  readonly error: string | null;
  readonly cause: string | null;
}

interface WatchedRun {
  readonly machine: Machine;
  readonly runId: string;
  readonly told: Set<number>;
  ended: boolean;
}

/** Sees what runs in the environments through the APIs that anybody has: ListExecutions, GetExecutionHistory and the registry. */
export class EnvironmentsWatch {
  readonly failed: FailedRun[] = [];
  readonly #connections: readonly Connection[];
  readonly #runs = new Map<string, WatchedRun>();
  readonly #ignored = new Set<string>();

  constructor(connections: readonly Connection[]) {
    this.#connections = connections;
  }

  /** Runs that have ended before belong to another time. */
  async ignoreEndedRuns(): Promise<void> {
    for (const connection of this.#connections) {
      for (const { arn, isRunning } of await listNewest(connection)) if (!isRunning) this.#ignored.add(arn);
    }
  }

  get isIdle(): boolean {
    return [...this.#runs.values()].every((run) => run.ended);
  }

  /** The steps that have ended since the last look, in the order in which they did. */
  async look(): Promise<EndedStep[]> {
    const steps = (await Promise.all(this.#connections.map((connection) => this.#lookAt(connection)))).flat();
    return steps.sort((a, b) => ((a.step.endedAt ?? '') < (b.step.endedAt ?? '') ? -1 : 1));
  }

  async #lookAt(connection: Connection): Promise<EndedStep[]> {
    const steps: EndedStep[] = [];
    for (const { arn, machine, runId, isRunning } of await listNewest(connection)) {
      if (this.#ignored.has(arn)) continue;
      const run = this.#runs.get(arn) ?? { machine, runId, told: new Set<number>(), ended: false };
      this.#runs.set(arn, run);
      if (run.ended) continue;
      run.ended = !isRunning;
      steps.push(...(await this.#endedSteps(connection, arn, run)));
    }
    return steps;
  }

  async #endedSteps(connection: Connection, arn: string, run: WatchedRun): Promise<EndedStep[]> {
    const { environment } = connection;
    const { machine, runId } = run;
    const history = await readHistory(connection, arn);
    const all = stepsOf(history, Date.now());
    const fresh = all.filter(
      (step, index) => step.status !== 'running' && step.type === 'Task' && !run.told.has(index),
    );
    for (const [index, step] of all.entries()) if (step.status !== 'running') run.told.add(index);
    const end = history.at(-1);
    const failure =
      end?.executionFailedEventDetails ?? end?.executionTimedOutEventDetails ?? end?.executionAbortedEventDetails;
    if (run.ended && failure) {
      const caught = all.findLast((step) => step.error !== null && step.type === 'Task');
      this.failed.push({
        environment,
        machine,
        runId,
        error: caught?.error ?? failure.error ?? null,
        cause: readCause(caught?.cause ?? failure.cause ?? null),
      });
    }
    if (fresh.length === 0) return [];
    const audit = await connection.registry.auditEvents({ runId });
    return fresh.map((step) => ({
      environment,
      machine,
      runId,
      step,
      verdict: audit.findLast((event) => event.state === step.state && event.outcome !== 'lost')?.verdict ?? null,
    }));
  }
}

async function listNewest(connection: Connection) {
  const lists = await Promise.all(
    machines.map(async (machine) => {
      const { executions = [] } = await connection.stepFunctions.send(
        new ListExecutionsCommand({ stateMachineArn: connection.names.machineArn[machine], maxResults: 20 }),
      );
      return executions.map(({ executionArn = '', name = '', status }) => ({
        arn: executionArn,
        machine,
        runId: name,
        isRunning: runStatus(status) === 'running',
        hasFailed: hasFailed(runStatus(status)),
      }));
    }),
  );
  return lists.flat();
}
