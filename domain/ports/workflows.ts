export type Machine = 'train-model' | 'promote-model';

/** An event of an execution's history, as much of it as an audit needs. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  /** The state, of `…StateEntered` and `…StateExited`. */
  readonly stateName: string | null;
  readonly error: string | null;
  /** The service that a task calls (`lambda`, `states`), of `TaskScheduled`. */
  readonly resourceType: string | null;
}

/** Runs and their task tokens. Throws WorkflowUnavailable (transient). */
export interface Workflows {
  /**
   * Starts a run. The name follows from what makes the run unique: `already-started` means that this very run was started before.
   * Throws InputInvalid (terminal) where another input has that name.
   */
  start(machine: Machine, runId: string, input: unknown): Promise<'started' | 'already-started'>;
  /** False when the token is not waited for any more (it was answered before, or the run has ended). */
  succeedTask(taskToken: string, output: unknown): Promise<boolean>;
  failTask(taskToken: string, error: string, cause: string): Promise<boolean>;
  history(executionArn: string): Promise<readonly HistoryEvent[]>;
}
