import { VirtualClock } from '../../clock.ts';
import { seededIds } from '../../ids.ts';
import { Store } from '../../store/store.ts';
import type { ExecutionStatus } from '../interpreter/execution.ts';
import { Engine, type EngineOptions } from './engine.ts';
import type { ExecutionRow } from './execution-log.ts';
import type { TaskCaller, TaskReport, TaskRequest } from './task-caller.ts';

export const FUNCTION = 'arn:aws:lambda:eu-west-1:111111111111:function:work';
const MACHINE = 'arn:aws:states:eu-west-1:111111111111:stateMachine:machine';

/** For tests: an engine on a store and a clock that outlive it; tasks are answered when the test says so. */
export class TestEngine {
  readonly store = new Store(':memory:');
  readonly clock = new VirtualClock();
  readonly calls: { readonly request: TaskRequest; readonly report: TaskReport }[] = [];
  readonly logged: { readonly level: string; readonly message: string }[] = [];
  readonly statuses: ExecutionStatus[] = [];
  readonly #options: Partial<EngineOptions>;
  engine: Engine;

  constructor(options: Partial<EngineOptions> = {}) {
    this.#options = options;
    this.engine = this.#open();
  }

  #open(): Engine {
    const caller: TaskCaller = {
      supports: () => true,
      call: (request, report) => {
        this.calls.push({ request, report });
        return () => {};
      },
      resume: () => () => {},
    };
    return new Engine({
      store: this.store,
      clock: this.clock,
      ids: seededIds('test-engine'),
      region: 'eu-west-1',
      caller,
      hasActivity: () => true,
      log: (level, message) => this.logged.push({ level, message }),
      onStatusChanged: ({ status }) => this.statuses.push(status),
      ...this.#options,
    });
  }

  /** Drops the engine as a crash would, and takes its executions up with another. */
  restart(): void {
    this.engine.stop();
    this.engine = this.#open();
    this.engine.resume();
  }

  /** Starts `definition` and answers the execution's ARN. */
  start(definition: unknown, input: unknown = {}, name = 'run'): string {
    const arn = `${MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;
    const text = JSON.stringify(definition);
    this.engine.start({
      header: {
        arn,
        name,
        stateMachineArn: MACHINE,
        stateMachineName: 'machine',
        roleArn: 'arn:aws:iam::111111111111:role/machine',
      },
      definition: text,
      revision: text,
      input: JSON.stringify(input),
    });
    return arn;
  }

  row(arn: string): ExecutionRow {
    return this.engine.log.byArn(arn)!;
  }

  /** Starts it, and goes on from timer to timer until it has ended. */
  async run(definition: unknown, input: unknown = {}): Promise<ExecutionRow> {
    const arn = this.start(definition, input);
    do await this.engine.settled();
    while (this.row(arn).status === 'RUNNING' && this.clock.next());
    return this.row(arn);
  }

  types(arn: string): string[] {
    return this.engine.log.events(this.row(arn).key, 0, 30_000, false).map(({ type }) => type);
  }
}
