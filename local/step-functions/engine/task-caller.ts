import type { ExecutionHeader } from '../interpreter/execution.ts';
import type { Failure } from '../interpreter/failure.ts';
import type { TaskResource } from '../interpreter/resource.ts';

/** A scheduled task, for whoever does it. */
export interface TaskRequest {
  readonly execution: ExecutionHeader;
  readonly resource: TaskResource;
  /** What the Task's Parameters or Arguments came to. */
  readonly input: unknown;
  /** The role of `Credentials`, else the state machine's. */
  readonly roleArn: string;
  readonly token: string | undefined;
  readonly stateName: string;
  /** With the execution's ARN it names this attempt, for ever: what makes a repeated call recognisable. */
  readonly attemptId: string;
  readonly scheduledSeq: number;
  readonly frame: string;
}

/** How a task tells what became of it. What comes after the task has ended (or timed out) is ignored. */
export interface TaskReport {
  /** For activities, which start when a worker takes them; the engine tells the start of the others. */
  started(workerName?: string): void;
  /** The request was accepted; the task ends later (`.sync`, `.waitForTaskToken`). */
  submitted(output: unknown): void;
  succeeded(output: unknown): void;
  failed(failure: Failure): void;
}

export interface TaskCaller {
  /** Whether tasks with this resource can be done. Others are refused when a state machine is created. */
  supports(resource: TaskResource): boolean;
  /** Does the task. Never throws: what goes wrong is reported. Returns how to give it up. */
  call(request: TaskRequest, report: TaskReport): () => void;
  /** Takes up a task that was submitted before the process ended: nothing is asked for again. */
  resume(request: TaskRequest, submitted: unknown, report: TaskReport): () => void;
}
