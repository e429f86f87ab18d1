import type { Clock } from '../../clock.ts';
import type { TaskCaller, TaskReport, TaskRequest } from '../engine/task-caller.ts';

/** A task that a run asks to be done. */
export interface OfflineCall {
  readonly state: string;
  /** What its Parameters or Arguments came to. */
  readonly sent: unknown;
  /** Which call of this state it is in the run, from 1: retries, iterations and loops all count. */
  readonly number: number;
}

/** What a task comes to, after a time on the run's clock. `noAnswer`: nothing, so that only a timeout ends it. */
export type OfflineAnswer = { readonly afterMs?: number } & (
  | { readonly result: unknown }
  | { readonly error: string; readonly cause?: string }
  | { readonly noAnswer: true }
);

/** Answers each task as it is told; one that it is told nothing of is kept as `unanswered`. */
export class ScriptedCaller implements TaskCaller {
  unanswered: OfflineCall | undefined;
  readonly #answer: (call: OfflineCall) => OfflineAnswer | undefined;
  readonly #clock: Clock;
  readonly #calls = new Map<string, number>();

  constructor(answer: (call: OfflineCall) => OfflineAnswer | undefined, clock: Clock) {
    this.#answer = answer;
    this.#clock = clock;
  }

  supports(): boolean {
    return true;
  }

  call({ stateName, resource, input }: TaskRequest, report: TaskReport): () => void {
    const number = (this.#calls.get(stateName) ?? 0) + 1;
    this.#calls.set(stateName, number);
    const call = { state: stateName, sent: input, number };
    const answer = this.#answer(call);
    if (!answer) {
      this.unanswered ??= call;
      return () => {};
    }
    if (resource.kind === 'Activity') report.started('offline');
    if (resource.kind === 'Task' && resource.pattern !== 'request-response') report.submitted({});
    const tell = () => {
      if ('result' in answer) report.succeeded(answer.result);
      else if ('error' in answer)
        report.failed({ error: answer.error, ...(answer.cause !== undefined && { cause: answer.cause }) });
    };
    if (answer.afterMs === undefined) {
      tell();
      return () => {};
    }
    return this.#clock.at(this.#clock.now() + answer.afterMs, tell);
  }

  resume(): () => void {
    return () => {};
  }
}
