import {
  type Program,
  processorOf,
  type QueryLanguage,
  queryLanguageOf,
  type State,
  type StateMachineDefinition,
} from '../asl.ts';
import { DueFrames } from './due-frames.ts';
import type { Failure } from './failure.ts';
import type { MapRunSettings } from './map-run.ts';
import { ReadyFrames } from './ready-frames.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** What an execution is, before anything happened in it. */
export interface ExecutionHeader {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  readonly definition: StateMachineDefinition;
  /** The version that it runs, and the alias that led there, if it was started by one. */
  readonly stateMachineVersionArn?: string;
  readonly stateMachineAliasArn?: string;
  /** Of a child of a map run. */
  readonly mapRun?: MapRunPlace;
}

/** A task that was scheduled and has not ended. */
export interface PendingTask {
  /** The log entry that scheduled it: with the frame it names this attempt, for ever. */
  readonly scheduledSeq: number;
  readonly kind: 'Task' | 'LambdaFunction' | 'Activity';
  readonly resource: string;
  readonly input: unknown;
  readonly credentials?: string;
  readonly token?: string;
  readonly timeoutAtMs?: number;
  readonly heartbeatMs?: number;
  heartbeatAtMs?: number;
  started: boolean;
  /** The request was accepted and the task's end comes from elsewhere (`.sync`, `.waitForTaskToken`). */
  submitted?: unknown;
}

/** The map run that a distributed Map waits for. */
export interface PendingMapRun {
  readonly arn: string;
  /** The log entry that began it, or the one that redrove it: what comes of an earlier attempt is ignored. */
  readonly seq: number;
  readonly settings: MapRunSettings;
  /** What the event that follows its end refers to. */
  endedEventId?: number;
  succeeded?: boolean;
  redriveCount: number;
}

/** The place of a child execution in its map run. */
export interface MapRunPlace {
  readonly runKey: number;
  readonly idx: number;
  readonly items: number;
}

/** The state that a frame is in. */
export interface ActiveState {
  readonly name: string;
  readonly definition: State;
  readonly language: QueryLanguage;
  readonly input: unknown;
  /** The input's JSON as the engine writes it; undefined where the text that was given is written otherwise. */
  readonly inputText: string | undefined;
  readonly enteredAtMs: number;
  readonly enteredEventId: number;
  readonly enteredAfterEventId: number;
  /** Retries made under each of the state's retriers. */
  readonly attempts: number[];
  retryCount: number;
  task?: PendingTask;
  untilMs?: number;
  children?: Frame[];
  /** Of the children, how many are at work. */
  running?: number;
  /** Iterations that have ended and are still to be told of, in the order in which they ended. */
  unreported?: Frame[];
  /** The children that failed, the first to fail first. */
  broken?: Frame[];
  items?: readonly unknown[];
  maxConcurrency?: number;
  /** The failure came from a branch or iteration, so the state itself is still to be reported as failed. */
  failedWithin?: boolean;
  startedEventId?: number;
  /** The last event of the iteration that ended last: the next iteration takes its place. */
  freedByEventId?: number;
  /** A distributed Map's run, once it has begun. */
  mapRun?: PendingMapRun;
}

export type Phase =
  | 'next' // about to enter `nextState` with `value`
  | 'entered' // in a state whose work is still to be begun
  | 'waiting'
  | 'pending' // a task is with somebody else
  | 'children' // branches or iterations are under way
  | 'run-due' // a map run is still to be begun
  | 'map-run' // a map run is under way
  | 'run-redriven' // a map run is to be taken up again
  | 'run-ended'
  | 'result' // the work gave `value`; the state is still to be left
  | 'failed' // the state failed; its Retry and Catch are still to be asked
  | 'retrying'
  | 'ended' // the last state gave `value`
  | 'broken' // failed, and nothing in the frame caught it
  | 'aborted';

/** One thread of states: the execution itself, a branch of a Parallel, an iteration of a Map. */
export interface Frame {
  readonly id: string;
  readonly parent: Frame | undefined;
  readonly index: number;
  readonly program: Program;
  readonly language: QueryLanguage;
  readonly mapItem?: { readonly Index: number; readonly Value: unknown };
  variables: Record<string, unknown>;
  phase: Phase;
  nextState: string;
  value: unknown;
  /** The value's JSON, where it is known. */
  valueText?: string;
  failure?: Failure;
  state?: ActiveState;
  lastEventId: number;
  /** Its end was taken note of by the Map it belongs to. */
  reported?: boolean;
  /** Stopped by force, because another branch failed or the state around it did. */
  stopped?: boolean;
  /** Where it stands among the ready frames. */
  place: number;
  /** The time at which the due frames look at it. */
  watchedMs?: number;
}

export interface Execution {
  readonly header: ExecutionHeader;
  status: ExecutionStatus;
  startedAtMs: number;
  stoppedAtMs?: number;
  input: unknown;
  inputText: string;
  output?: unknown;
  failure?: Failure;
  redriveCount: number;
  redrivenAtMs?: number;
  timeoutAtMs?: number;
  /** A map run was begun in it. */
  hasMapRuns?: true;
  lastSeq: number;
  lastEventId: number;
  readonly root: Frame;
  readonly frames: Map<string, Frame>;
  readonly ready: ReadyFrames;
  readonly due: DueFrames;
  /** The tasks and map runs that have begun and not ended, by the entry that scheduled or began them. */
  readonly tasks: Map<number, Frame>;
  /** Of these, the ones that somebody in this process has to be at: all but what waits for a task token alone. */
  readonly attended: Set<number>;
  /** What came to `tasks` and what left it, for whoever runs the execution to take. */
  readonly begunTasks: number[];
  readonly endedTasks: number[];
}

export const ROOT = '0';

export function newExecution(header: ExecutionHeader): Execution {
  const language = header.definition.QueryLanguage ?? 'JSONPath';
  const root = newFrame(ROOT, undefined, 0, header.definition, language, undefined, 0);
  return {
    header,
    status: 'RUNNING',
    startedAtMs: 0,
    input: undefined,
    inputText: '',
    redriveCount: 0,
    lastSeq: 0,
    lastEventId: 0,
    root,
    frames: new Map([[ROOT, root]]),
    ready: new ReadyFrames(),
    due: new DueFrames(),
    tasks: new Map(),
    attended: new Set(),
    begunTasks: [],
    endedTasks: [],
  };
}

export function newFrame(
  id: string,
  parent: Frame | undefined,
  index: number,
  program: Program,
  language: QueryLanguage,
  input: unknown,
  lastEventId: number,
  mapItem?: { Index: number; Value: unknown },
): Frame {
  return {
    id,
    parent,
    index,
    program,
    language,
    ...(mapItem && { mapItem }),
    variables: {},
    phase: 'next',
    nextState: program.StartAt,
    value: input,
    lastEventId,
    place: 0,
  };
}

/** The program of child `index` of a Parallel or Map. */
export const childProgram = (state: State, index: number): Program =>
  state.Type === 'Parallel' ? (state.Branches?.[index] as Program) : processorOf(state);

/** A processor or branch may set the language for its own states; else they inherit the machine's. */
export const childLanguage = (program: Program, frame: Frame): QueryLanguage =>
  (program as { QueryLanguage?: QueryLanguage }).QueryLanguage ?? frame.language;

export const languageOf = (frame: Frame, state: State): QueryLanguage => queryLanguageOf(state, frame.language);

/** Every variable that a frame sees: its own over those of the frames around it. */
export function visibleVariables(frame: Frame): Record<string, unknown> {
  const chain: Frame[] = [];
  for (let at: Frame | undefined = frame; at; at = at.parent) chain.push(at);
  return Object.assign({}, ...chain.reverse().map((one) => one.variables));
}
