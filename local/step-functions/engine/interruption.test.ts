import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../clock.ts';
import { seededIds } from '../../ids.ts';
import { Store } from '../../store/store.ts';
import { Engine } from './engine.ts';
import type { TaskCaller, TaskReport, TaskRequest } from './task-caller.ts';

const ARN = 'arn:aws:states:eu-west-1:111111111111:execution:machine:run';
const lambda = (name: string) => `arn:aws:lambda:eu-west-1:111111111111:function:${name}`;
const attempt = { attempt: '{% $states.context.State.RetryCount %}' };

/** Every way of waiting and branching that the engine has, in one machine. */
const DEFINITION = {
  QueryLanguage: 'JSONata',
  StartAt: 'Begin',
  States: {
    Begin: { Type: 'Pass', Assign: { items: [1, 2, 3], seen: '{% $states.input.n %}' }, Next: 'Flaky' },
    Flaky: {
      Type: 'Task',
      Resource: lambda('flaky'),
      Arguments: attempt,
      Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 5, MaxAttempts: 2, JitterStrategy: 'FULL' }],
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Left',
          States: {
            Left: { Type: 'Wait', Seconds: 3600, Next: 'LeftTask' },
            LeftTask: { Type: 'Task', Resource: lambda('left'), End: true },
          },
        },
        {
          StartAt: 'Right',
          States: {
            Right: {
              Type: 'Task',
              Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
              Arguments: { FunctionName: 'right', Payload: { token: '{% $states.context.Task.Token %}' } },
              TimeoutSeconds: 7200,
              End: true,
            },
          },
        },
      ],
      Output: '{% $states.result %}',
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      Items: '{% $items %}',
      MaxConcurrency: 2,
      ItemProcessor: {
        StartAt: 'One',
        States: {
          One: { Type: 'Task', Resource: lambda('one'), Arguments: { item: '{% $states.input %}' }, End: true },
        },
      },
      Next: 'Fragile',
    },
    Fragile: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Broken', States: { Broken: { Type: 'Task', Resource: lambda('broken'), End: true } } },
        { StartAt: 'Sleeps', States: { Sleeps: { Type: 'Wait', Seconds: 10, End: true } } },
      ],
      Catch: [{ ErrorEquals: ['Torn'], Output: '{% $states.errorOutput.Error & $string($seen) %}', Next: 'Done' }],
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

const answers: Record<string, (request: TaskRequest, report: TaskReport) => void> = {
  Flaky: ({ input }, report) =>
    (input as { attempt: number }).attempt < 2
      ? report.failed({ error: 'Busy', cause: 'try again' })
      : report.succeeded('ok'),
  LeftTask: (_request, report) => report.succeeded('left'),
  Right: (_request, report) => report.submitted({ StatusCode: 200 }),
  One: ({ input }, report) => report.succeeded((input as { item: number }).item * 10),
  Broken: (_request, report) => report.failed({ error: 'Torn', cause: 'in two' }),
};

class CountingCaller implements TaskCaller {
  readonly calls: string[] = [];
  readonly tokens = new Set<string>();

  supports(): boolean {
    return true;
  }

  call(request: TaskRequest, report: TaskReport): () => void {
    this.calls.push(`${request.stateName} ${request.frame} ${request.scheduledSeq}`);
    if (request.token !== undefined) this.tokens.add(request.token);
    answers[request.stateName]!(request, report);
    return () => {};
  }

  resume(): () => void {
    return () => {};
  }
}

class World {
  readonly store = new Store(':memory:');
  readonly clock = new VirtualClock();
  readonly caller = new CountingCaller();
  /** `FRAME ENTRY` of the tasks whose end is in the log. */
  readonly finished = new Set<string>();
  readonly scheduled = new Map<string, number>();
  entries = 0;
  engine: Engine | undefined;

  open(stopAfter = Number.POSITIVE_INFINITY): Engine {
    const engine: Engine = new Engine({
      store: this.store,
      clock: this.clock,
      ids: seededIds(`ids${this.entries}`),
      region: 'eu-west-1',
      caller: this.caller,
      hasActivity: () => false,
      log: (_level, message, fields) => {
        throw new Error(`${message} ${JSON.stringify(fields)}`);
      },
      onStatusChanged: () => {},
      onCommitted: (execution, entries) => {
        this.entries += entries.length;
        for (const { type, seq, frame } of entries) {
          if (/Scheduled$/.test(type)) this.scheduled.set(frame, seq);
          if (/^LambdaFunction(Succeeded|Failed)$/.test(type))
            this.finished.add(`${frame} ${this.scheduled.get(frame)}`);
        }
        void execution;
        if (this.entries === stopAfter) engine.stop();
      },
      batchSize: 1,
    });
    this.engine = engine;
    return engine;
  }

  begin(engine: Engine): void {
    const machine = 'arn:aws:states:eu-west-1:111111111111:stateMachine:machine';
    engine.start({
      header: {
        arn: ARN,
        name: 'run',
        stateMachineArn: machine,
        stateMachineName: 'machine',
        roleArn: 'arn:aws:iam::111111111111:role/r',
      },
      definition: JSON.stringify(DEFINITION),
      revision: 'r1',
      input: '{"n":7}',
    });
  }

  /** Lets everything happen until the execution has ended or the engine was stopped. */
  async drive(engine: Engine): Promise<void> {
    for (let turn = 0; turn < 200; turn++) {
      await engine.settled();
      const row = engine.log.byArn(ARN)!;
      if (row.status !== 'RUNNING' || this.engine !== engine) return;
      const pending = engine.stateOf(row).frames.values();
      const waiting = [...pending].find((frame) => frame.state?.task?.submitted !== undefined)?.state?.task;
      if (waiting?.token !== undefined && this.clock.now() >= waiting.timeoutAtMs! - 3_600_000) {
        const token = engine.log.token(waiting.token)!;
        const { taskEnd } = await import('./task-events.ts');
        const { whilePending } = await import('./actor.ts');
        await engine
          .post(
            row,
            whilePending(token.frame, token.seq, (frame) => taskEnd.succeeded(frame, 'right')),
          )
          .catch(() => {});
      } else if (!this.clock.next()) return;
    }
  }

  outcome(engine: Engine) {
    const row = engine.log.byArn(ARN)!;
    const events = engine.log.events(row.key, 0, 1000, false);
    return {
      status: row.status,
      output: row.output,
      types: events.map(({ type }) => type).sort(),
      ids: events.map(({ id }) => id),
    };
  }
}

async function uninterrupted() {
  const world = new World();
  const engine = world.open();
  world.begin(engine);
  await world.drive(engine);
  return { world, outcome: world.outcome(engine) };
}

describe('an execution whose engine is dropped', () => {
  it('runs to its end when it is not', async () => {
    const { outcome, world } = await uninterrupted();
    expect(outcome.status).toBe('SUCCEEDED');
    expect(outcome.output).toBe('"Torn7"');
    expect(world.caller.calls.filter((call) => call.startsWith('Flaky'))).toHaveLength(3);
  });

  it('ends with the same output and the same history types whichever entry of its log was the last', async () => {
    const reference = await uninterrupted();
    const total = reference.world.entries;
    expect(total).toBeGreaterThan(60);
    for (let stopAfter = 1; stopAfter < total; stopAfter++) {
      const world = new World();
      const first = world.open(stopAfter);
      world.begin(first);
      await world.drive(first);
      const finished = new Set(world.finished);
      const before = world.caller.calls.length;
      const second = world.open();
      second.resume();
      await world.drive(second);
      const outcome = world.outcome(second);
      expect({ stopAfter, ...outcome, ids: undefined }).toEqual({ stopAfter, ...reference.outcome, ids: undefined });
      expect(outcome.ids, `ids after stop at ${stopAfter}`).toEqual(reference.outcome.ids);
      const again = world.caller.calls.slice(before).filter((call) => finished.has(call.split(' ').slice(1).join(' ')));
      expect(again, `tasks run again after stop at ${stopAfter}`).toEqual([]);
    }
  });
});
