import type { TaskCaller, TaskReport, TaskRequest } from '../../local/step-functions/engine/task-caller.ts';
import { difference, type Masks } from './step-functions-masks.ts';

export interface Mock {
  readonly state: string | null;
  readonly kind: 'Task' | 'LambdaFunction' | 'Activity';
  readonly parameters: unknown;
  readonly hasParameters: boolean;
  readonly submitted?: unknown;
  readonly result: {
    output?: unknown;
    error?: string | null;
    cause?: unknown;
    failType?: string;
    timedOut?: boolean;
  } | null;
}

/** What a function was written to do, where no attempt of it was recorded. */
export type RecordedFunction =
  | { readonly behaviour: 'echo' }
  | { readonly behaviour: 'raises'; readonly error: string; readonly cause: unknown };

/** Answers each task with what AWS was recorded answering, and notes where it was asked something else. */
export class MockCaller implements TaskCaller {
  readonly unlike: string[] = [];
  readonly #mocks: Mock[];
  readonly #masks: Masks;
  readonly #workers: (string | undefined)[];
  readonly #function: RecordedFunction | undefined;
  /** States that have a recorded attempt. */
  readonly #recorded: ReadonlySet<string | null>;

  /** `workers`: the names under which activities' tasks were taken, one a task that was. */
  constructor(
    mocks: readonly Mock[],
    masks: Masks,
    workers: readonly (string | undefined)[] = [],
    recordedFunction?: RecordedFunction,
  ) {
    this.#mocks = [...mocks];
    this.#masks = masks;
    this.#workers = [...workers];
    this.#function = recordedFunction;
    this.#recorded = new Set(mocks.map(({ state }) => state));
  }

  supports(): boolean {
    return true;
  }

  get unused(): number {
    return this.#mocks.length;
  }

  call(request: TaskRequest, report: TaskReport): () => void {
    if (this.#function && !this.#recorded.has(request.stateName) && !this.#recorded.has(null) && isFunction(request)) {
      answerAsWritten(this.#function, request, report);
      return () => {};
    }
    const mock = this.#take(request);
    if (!mock) {
      this.unlike.push(`state ${request.stateName}: a task was scheduled more often than AWS did`);
      return () => {};
    }
    if (mock.kind === 'Activity' && this.#workers.length > 0) report.started(this.#workers.shift());
    if (mock.submitted !== undefined && mock.submitted !== null) report.submitted(mock.submitted);
    const { result } = mock;
    if (!result || result.timedOut) return () => {};
    if ('output' in result) report.succeeded(result.output);
    else report.failed({ ...text('error', result.error), ...text('cause', result.cause) });
    return () => {};
  }

  resume(): () => void {
    return () => {};
  }

  #take(request: TaskRequest): Mock | undefined {
    const ofState = this.#mocks.filter((mock) => mock.state === null || mock.state === request.stateName);
    const equal = ofState.find((mock) => difference(mock.parameters, request.input, this.#masks) === undefined);
    const mock = equal ?? ofState[0];
    if (!mock) return undefined;
    this.#mocks.splice(this.#mocks.indexOf(mock), 1);
    if (!equal && mock.hasParameters) {
      this.unlike.push(
        `state ${request.stateName}: parameters ${difference(mock.parameters, request.input, this.#masks)}`,
      );
    }
    return mock;
  }
}

const isFunction = ({ resource }: TaskRequest): boolean =>
  resource.kind === 'LambdaFunction' || (resource.kind === 'Task' && resource.resourceType === 'lambda');

function answerAsWritten(written: RecordedFunction, { resource, input }: TaskRequest, report: TaskReport): void {
  if (written.behaviour === 'raises') {
    report.failed({ error: written.error, ...text('cause', written.cause) });
  } else if (resource.kind === 'LambdaFunction') report.succeeded(input);
  else
    report.succeeded({
      ExecutedVersion: '$LATEST',
      Payload: (input as { Payload?: unknown }).Payload,
      StatusCode: 200,
    });
}

const text = (name: 'error' | 'cause', value: unknown): Record<string, string> =>
  value === undefined || value === null ? {} : { [name]: typeof value === 'string' ? value : JSON.stringify(value) };
