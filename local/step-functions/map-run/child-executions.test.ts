import { describe, expect, it } from 'vitest';
import { MapRunWorld, machineOf, WORK } from './test-world.ts';

const SLEEP = { StartAt: 'Sleep', States: { Sleep: { Type: 'Wait', Seconds: 1_000, End: true } } };

describe('a child of a map run', () => {
  it('is an Express execution where the processor says so', async () => {
    const world = new MapRunWorld();
    world.start(machineOf({}, { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } }), ['a']);
    expect((await world.drive()).output).toBe('["a"]');
    const [child] = world.engine.mapRunLog.results(world.run.key, -1, 1);
    expect(child!.execution!.arn).toMatch(/:express:machine\/each:[0-9a-f-]{36}:[0-9a-f-]{36}$/);
  });

  it('is stopped with its run when another branch of the Parallel around it fails', async () => {
    const world = new MapRunWorld((_request, report) => report.failed({ error: 'Torn' }));
    const map = machineOf({}, SLEEP).States.Each;
    const definition = {
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'Each', States: { Each: map } },
            {
              StartAt: 'Later',
              States: {
                Later: { Type: 'Wait', Seconds: 5, Next: 'Break' },
                Break: { Type: 'Task', Resource: WORK, End: true },
              },
            },
          ],
          End: true,
        },
      },
    };
    world.start(definition, [1, 2]);
    expect(await world.drive()).toMatchObject({ status: 'FAILED', error: 'Torn' });
    await world.engine.settled();
    expect(world.run.status).toBe('ABORTED');
    expect(world.engine.mapRunLog.counts(world.run.key)).toEqual([{ status: 'ABORTED', executions: 2, items: 2 }]);
  });

  it('belongs to a new run, with all its items, when the state is retried', async () => {
    let calls = 0;
    const world = new MapRunWorld((_request, report) => {
      calls += 1;
      if (calls === 1) report.failed({ error: 'Torn' });
      else report.succeeded(calls);
    });
    world.start(machineOf({ MaxConcurrency: 1, Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }] }), [1, 2]);
    expect((await world.drive()).output).toBe('[2,3]');
    const runs = world.engine.mapRunLog.list(world.parent.key, 10, Number.MAX_SAFE_INTEGER);
    expect(runs.map(({ status }) => status)).toEqual(['SUCCEEDED', 'FAILED']);
  });

  it('may have a map run of its own', async () => {
    const world = new MapRunWorld();
    const inner = machineOf({ Label: 'inner' }).States.Each;
    world.start(machineOf({}, { StartAt: 'Inner', States: { Inner: inner } }), [[1, 2], [3]]);
    expect((await world.drive()).output).toBe('[[1,2],[3]]');
  });
});
