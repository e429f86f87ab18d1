import { Readable } from 'node:stream';
import { AwsError } from '../../aws-error.ts';
import { VirtualClock } from '../../clock.ts';
import { seededIds } from '../../ids.ts';
import { Store } from '../../store/store.ts';
import { Engine } from '../engine/engine.ts';
import type { ExecutionRow } from '../engine/execution-log.ts';
import type { TaskCaller, TaskReport, TaskRequest } from '../engine/task-caller.ts';
import { type ObjectStorage, textOf } from './object-storage.ts';

export const MACHINE = 'arn:aws:states:eu-west-1:111111111111:stateMachine:machine';
export const PARENT = 'arn:aws:states:eu-west-1:111111111111:execution:machine:run';
export const WORK = 'arn:aws:lambda:eu-west-1:111111111111:function:work';

export type Answer = (request: TaskRequest, report: TaskReport) => void;

/** Objects in memory, as a bucket that everybody may use. */
export class MemoryStorage implements ObjectStorage {
  readonly objects = new Map<string, string>();

  async get(_role: unknown, bucket: string, key: string): Promise<Readable> {
    const text = this.objects.get(`${bucket}/${key}`);
    if (text === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return Readable.from([Buffer.from(text)]);
  }

  async list(): Promise<never> {
    throw new Error('Nothing lists here.');
  }

  async put(_role: unknown, bucket: string, key: string, body: Readable): Promise<void> {
    this.objects.set(`${bucket}/${key}`, await textOf(body));
  }
}

/** Tells of each transaction that it has committed. */
class CountingStore extends Store {
  commits = 0;
  #depth = 0;
  onCommit = () => {};

  override transaction<T>(fn: () => T): T {
    this.#depth += 1;
    try {
      return super.transaction(fn);
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) {
        this.commits += 1;
        this.onCommit();
      }
    }
  }
}

/** A store, an engine on it that can be stopped after any commit, and what its tasks were asked. */
export class MapRunWorld {
  readonly store = new CountingStore(':memory:');
  readonly clock = new VirtualClock();
  readonly storage = new MemoryStorage();
  /** What each task was asked, in order. */
  readonly inputs: unknown[] = [];
  engine: Engine;
  readonly #answer: Answer;

  constructor(answer: Answer = ({ input }, report) => report.succeeded(input), stopAfter = Number.POSITIVE_INFINITY) {
    this.#answer = answer;
    this.engine = this.open(stopAfter);
  }

  /** Opens the store anew, as a process that starts again does. */
  open(stopAfter = Number.POSITIVE_INFINITY): Engine {
    const engine: Engine = new Engine({
      store: this.store,
      clock: this.clock,
      ids: seededIds(`ids${this.store.commits}`),
      region: 'eu-west-1',
      caller: this.#caller,
      storage: this.storage,
      hasActivity: () => false,
      log: (_level, message, fields) => {
        throw new Error(`${message} ${JSON.stringify(fields)}`);
      },
      onStatusChanged: () => {},
      batchSize: 1,
    });
    this.engine = engine;
    this.store.onCommit = () => {
      if (this.store.commits === stopAfter) engine.stop();
    };
    return engine;
  }

  get #caller(): TaskCaller {
    return {
      supports: () => true,
      call: (request, report) => {
        this.inputs.push(request.input);
        this.#answer(request, report);
        return () => {};
      },
      resume: () => () => {},
    };
  }

  start(definition: object, input: unknown): void {
    this.engine.start({
      header: {
        arn: PARENT,
        name: 'run',
        stateMachineArn: MACHINE,
        stateMachineName: 'machine',
        roleArn: 'arn:aws:iam::111111111111:role/r',
      },
      definition: JSON.stringify(definition),
      revision: 'r1',
      input: JSON.stringify(input),
    });
  }

  /** Lets everything happen, timers included, until the parent has ended or nothing is left to happen. */
  async drive(): Promise<ExecutionRow> {
    const { engine } = this;
    for (;;) {
      await engine.settled();
      const row = this.parent;
      if (row.status !== 'RUNNING' || !this.clock.next()) return row;
    }
  }

  get parent(): ExecutionRow {
    return this.engine.log.byArn(PARENT)!;
  }

  get run() {
    return this.engine.mapRunLog.list(this.parent.key, 1, Number.MAX_SAFE_INTEGER)[0]!;
  }

  /** The inputs of the tasks whose success is on disk, as JSON. */
  finished(): string[] {
    const children = this.run ? this.engine.mapRunLog.results(this.run.key, -1, 1000) : [];
    return children.flatMap(({ execution }) => {
      const events = execution ? this.engine.log.events(execution.key, 0, 1000, false) : [];
      const done = events.some(({ type }) => type === 'LambdaFunctionSucceeded');
      return done ? [events.find(({ type }) => type === 'LambdaFunctionScheduled')!.details!.input as string] : [];
    });
  }

  types(row = this.parent): string[] {
    return this.engine.log.events(row.key, 0, 1000, false).map(({ type }) => type);
  }
}

/** A distributed Map whose children each run one Lambda task. */
export const machineOf = (fields: Record<string, unknown>, processor: Record<string, unknown> = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Label: 'each',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Work',
        States: { Work: { Type: 'Task', Resource: WORK, End: true } },
        ...processor,
      },
      End: true,
      ...fields,
    },
  },
});
