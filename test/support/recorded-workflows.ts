import { InputInvalid, WorkflowUnavailable } from '../../domain/errors.ts';
import type { HistoryEvent, Machine, Workflows } from '../../domain/ports/workflows.ts';

/** The Workflows port that only writes down what was asked of it. */
export class RecordedWorkflows implements Workflows {
  readonly runs = new Map<string, { readonly machine: Machine; readonly input: unknown }>();
  readonly answers: (
    | { readonly taskToken: string; readonly output: unknown }
    | { readonly taskToken: string; readonly error: string; readonly cause: string }
  )[] = [];
  /** Tokens that nobody waits for. */
  readonly stale = new Set<string>();
  readonly histories = new Map<string, readonly HistoryEvent[]>();
  #down = false;

  failNext(): void {
    this.#down = true;
  }

  #check(): void {
    const down = this.#down;
    this.#down = false;
    if (down) throw new WorkflowUnavailable('the workflow service did not answer');
  }

  async start(machine: Machine, runId: string, input: unknown) {
    this.#check();
    const there = this.runs.get(runId);
    if (!there) {
      this.runs.set(runId, { machine, input: JSON.parse(JSON.stringify(input)) });
      return 'started';
    }
    if (JSON.stringify(there.input) !== JSON.stringify(input))
      throw new InputInvalid(`a run named ${runId} was started with another input`);
    return 'already-started';
  }
  async succeedTask(taskToken: string, output: unknown) {
    this.#check();
    if (this.stale.has(taskToken)) return false;
    this.stale.add(taskToken);
    this.answers.push({ taskToken, output });
    return true;
  }
  async failTask(taskToken: string, error: string, cause: string) {
    this.#check();
    if (this.stale.has(taskToken)) return false;
    this.stale.add(taskToken);
    this.answers.push({ taskToken, error, cause });
    return true;
  }
  async history(executionArn: string) {
    this.#check();
    return this.histories.get(executionArn) ?? [];
  }
}
