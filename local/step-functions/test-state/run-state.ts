import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { JsonObject } from '../../service.ts';
import type { StateMachineDefinition } from '../asl.ts';
import type { TaskCaller, TaskRequest } from '../engine/task-caller.ts';
import { taskEnd } from '../engine/task-events.ts';
import { advance, nextDue, record } from '../interpreter/advance.ts';
import type { Draft, Entry } from '../interpreter/entry.ts';
import { Evaluation, type InterpreterEnvironment } from '../interpreter/evaluation.ts';
import { type Execution, type Frame, newExecution, ROOT } from '../interpreter/execution.ts';
import type { Failure } from '../interpreter/failure.ts';
import { evaluationCausePrefix, problemDraft } from '../interpreter/outcome.ts';
import { parseResource } from '../interpreter/resource.ts';
import { Problem } from '../language/problem.ts';
import { RunFailure } from '../map-run/run-failure.ts';
import { inspectMap } from './inspect-map.ts';
import type { Inspection } from './inspection.ts';
import { testContext } from './test-context.ts';
import type { TestStateRequest } from './test-state-request.ts';

/** What the run of one state works with. */
export interface StateTestHost {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly region: string;
  readonly accountId: string;
  readonly caller: TaskCaller;
  /** How long a state may take: five minutes, as AWS has it. */
  readonly longestRunMs?: number;
}

/** How the state went. */
export interface StateEnd {
  /** It was left: what with, and for which state. */
  readonly left?: { readonly output: string; readonly next: string | undefined };
  /** The last failure, caught or not. */
  readonly failure: Failure | undefined;
  /** It would be tried again. */
  readonly retry?: { readonly index: number; readonly afterSeconds: number };
  /** The variables after it. */
  readonly variables: Readonly<JsonObject>;
}

const LONGEST_RUN_MS = 300_000;

/** Where the interpreter is held, because what comes next is not its to decide here. */
const HOLDS =
  /(StateEntered|StateExited|Scheduled|MapStateStarted|ParallelStateStarted|WaitBegun|RetryBegun|FrameFailed)$/;

/** Takes one state from its input to its end, with the interpreter of the executions; nothing of it is stored. */
export async function runState(
  request: TestStateRequest,
  inspection: Inspection,
  host: StateTestHost,
): Promise<StateEnd> {
  return new StateRun(request, inspection, host).run();
}

class StateRun {
  readonly #request: TestStateRequest;
  readonly #inspection: Inspection;
  readonly #host: StateTestHost;
  readonly #environment: InterpreterEnvironment;
  readonly #execution: Execution;
  readonly #endsAtMs: number;
  #failure: Failure | undefined;

  constructor(request: TestStateRequest, inspection: Inspection, host: StateTestHost) {
    this.#request = request;
    this.#inspection = inspection;
    this.#host = host;
    const { clock, ids, region, accountId } = host;
    const [machine, name] = [ids.uuid(), ids.uuid()];
    const state = request.stateName ?? 'StateName';
    const header = {
      arn: `arn:aws:states:${region}:${accountId}:express:${machine}:${name}`,
      name,
      stateMachineArn: `arn:aws:states:${region}:${accountId}:stateMachine:${machine}`,
      stateMachineName: machine,
      roleArn: request.roleArn ?? '',
      definition: {
        QueryLanguage: request.language,
        StartAt: state,
        States: { [state]: request.state },
      } satisfies StateMachineDefinition,
    };
    this.#execution = newExecution(header);
    this.#endsAtMs = clock.now() + (host.longestRunMs ?? LONGEST_RUN_MS);
    this.#environment = {
      clock,
      ids,
      region,
      hasActivity: () => true,
      context: request.context ?? testContext(request, header, host),
      observe: (stage, value) => inspection.see(stage, value),
    };
  }

  get #frame(): Frame {
    return this.#execution.root;
  }

  async run(): Promise<StateEnd> {
    const { inputText, roleArn, variables } = this.#request;
    const details = { input: inputText, ...(roleArn !== undefined && { roleArn }) };
    this.#record({ frame: ROOT, type: 'ExecutionStarted', details, previousEventId: 0 });
    Object.assign(this.#frame.variables, variables);
    for (;;) {
      const entry = await this.#advance();
      const end = entry && this.#endAt(entry);
      if (end) return end;
      if (entry) await this.#goOnFrom(entry);
      else await this.#until(nextDue(this.#execution));
    }
  }

  /** The entry at which the interpreter was held; undefined when it waits for a time or a task. */
  async #advance(): Promise<Entry | undefined> {
    let held: Entry | undefined;
    await advance(this.#execution, this.#environment, (entry) => {
      this.#noteFailure();
      if (entry.frame === ROOT && HOLDS.test(entry.type)) held = entry;
      return held === undefined;
    });
    return held;
  }

  #record(draft: Draft): void {
    record(this.#execution, draft, this.#host.clock.now());
    this.#noteFailure();
  }

  /** A retry and a catch take the failure out of the frame. Its cause is told without the state, which there is but one of. */
  #noteFailure(): void {
    const { failure, state } = this.#frame;
    if (!failure) return;
    const prefix = state ? evaluationCausePrefix(state) : '';
    const { cause } = failure;
    this.#failure = cause?.startsWith(prefix) ? { ...failure, cause: cause.slice(prefix.length) } : failure;
  }

  #endAt({ type, details, memo }: Entry): StateEnd | undefined {
    const { failure, variables } = { failure: this.#failure, variables: this.#frame.variables };
    if (type.endsWith('StateExited')) {
      const next = typeof memo?.next === 'string' ? memo.next : undefined;
      return { left: { output: details!.output as string, next }, failure, variables };
    }
    if (type === 'RetryBegun') {
      const { retrier, afterMs } = memo as { retrier: number; afterMs: number };
      return { retry: { index: retrier, afterSeconds: afterMs / 1000 }, failure, variables };
    }
    return type === 'FrameFailed' ? { failure, variables } : undefined;
  }

  async #goOnFrom({ type }: Entry): Promise<void> {
    const frame = this.#frame;
    if (type.endsWith('StateEntered')) frame.state!.attempts.fill(this.#request.retrierRetryCount);
    else if (type.endsWith('Scheduled')) await this.#doTask();
    else if (type === 'WaitBegun') await this.#until(frame.state!.untilMs);
    else await this.#endBranches();
  }

  async #doTask(): Promise<void> {
    const { mock } = this.#request;
    if (!mock) this.#record(await this.#callTask());
    else if ('result' in mock) this.#record(taskEnd.succeeded(this.#frame, mock.result));
    else this.#record(taskEnd.failed(this.#frame, mock.errorOutput));
  }

  /** Calls the service, with the role of the request; ends early when the task has timed out. */
  #callTask(): Promise<Draft> {
    const frame = this.#frame;
    const { header } = this.#execution;
    const task = frame.state!.task!;
    const request: TaskRequest = {
      execution: header,
      resource: parseResource(task.resource)!,
      input: task.input,
      roleArn: task.credentials ?? header.roleArn,
      token: task.token,
      stateName: frame.state!.name,
      attemptId: `${header.name}-${task.scheduledSeq}`,
      scheduledSeq: task.scheduledSeq,
      frame: frame.id,
    };
    return new Promise((resolve) => {
      const dueMs = Math.min(nextDue(this.#execution) ?? this.#endsAtMs, this.#endsAtMs);
      let giveUp = () => {};
      const cancelTimer = this.#host.clock.at(dueMs, () => {
        giveUp();
        resolve({ frame: frame.id, type: `${task.kind}TimedOut`, details: { error: 'States.Timeout' } });
      });
      const ended = (draft: Draft) => {
        cancelTimer();
        resolve(draft);
      };
      giveUp = this.#host.caller.call(request, {
        started: () => {},
        submitted: (output) => ended(taskEnd.succeeded(frame, output)),
        succeeded: (output) => ended(taskEnd.succeeded(frame, output)),
        failed: (failure) => ended(taskEnd.failed(frame, failure)),
      });
    });
  }

  /** What the mock says stands for all branches or iterations. */
  async #endBranches(): Promise<void> {
    const frame = this.#frame;
    const { mock } = this.#request;
    try {
      const failure =
        frame.state!.definition.Type === 'Map'
          ? await inspectMap(
              this.#request,
              frame,
              new Evaluation(this.#execution, frame, this.#environment),
              this.#inspection,
            )
          : undefined;
      if (mock && 'errorOutput' in mock) this.#failBranches(mock.errorOutput);
      else if (failure) this.#failBranches(failure);
      else this.#record({ frame: ROOT, type: 'BranchesMocked', memo: { result: mock?.result } });
    } catch (error) {
      if (error instanceof RunFailure) this.#failBranches(error.failure);
      else if (error instanceof Problem) this.#record(problemDraft(frame, error));
      else throw error;
    }
  }

  #failBranches(failure: Failure): void {
    this.#record({ frame: ROOT, type: 'StateFailed', details: { ...failure } });
  }

  async #until(dueMs: number | undefined): Promise<void> {
    const atMs = Math.min(dueMs ?? this.#endsAtMs, this.#endsAtMs);
    await new Promise<void>((resolve) => void this.#host.clock.at(atMs, resolve));
    if (this.#host.clock.now() < this.#endsAtMs) return;
    this.#failBranches({ error: 'States.Timeout' });
  }
}
