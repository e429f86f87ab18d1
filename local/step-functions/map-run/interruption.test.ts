import { describe, expect, it } from 'vitest';
import { type Answer, MapRunWorld, machineOf } from './test-world.ts';

const ITEMS = [0, 1, 2, 3, 4, 5, 6];

/** Item 3 fails twice as long as it is tried, the others answer at once. */
const answer: Answer = ({ input }, report) =>
  JSON.stringify(input).includes('3') ? report.failed({ error: 'Torn', cause: 'in two' }) : report.succeeded(input);

const MACHINES = {
  'items one by one': machineOf({ MaxConcurrency: 2, ToleratedFailureCount: 1 }),
  batches: machineOf({ ItemBatcher: { MaxItemsPerBatch: 2 }, ToleratedFailurePercentage: 50 }),
  'a run that fails': machineOf({ MaxConcurrency: 2, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
  'results in a bucket': machineOf({
    MaxConcurrency: 3,
    ToleratedFailureCount: 1,
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      Arguments: { Bucket: 'b', Key: 'items.json' },
      ReaderConfig: { InputType: 'JSON' },
    },
    ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'b', Prefix: 'out' } },
  }),
};
Object.assign(MACHINES['a run that fails'].States, { Caught: { Type: 'Succeed' } });

async function play(machine: object, stopAfter?: number) {
  const world = new MapRunWorld(answer, stopAfter);
  world.storage.objects.set('b/items.json', JSON.stringify(ITEMS));
  world.start(machine, ITEMS);
  await world.drive();
  return world;
}

function outcome(world: MapRunWorld) {
  const { status, output, error } = world.parent;
  const counts = world.engine.mapRunLog
    .counts(world.run.key)
    .sort((left, right) => left.status.localeCompare(right.status));
  const [failed, succeeded] = ['FAILED', 'SUCCEEDED'].map((kind) => {
    const key = [...world.storage.objects.keys()].find((name) => name.includes(`/${kind}_`));
    return key && (JSON.parse(world.storage.objects.get(key)!) as { Input: string }[]).map(({ Input }) => Input);
  });
  const uuid = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
  const masked = output?.replace(uuid, '').replace(/\\"(Start|Stop)Date\\":\\".*?\\"/g, '');
  return { status, error, output: masked, types: world.types(), run: world.run.status, counts, failed, succeeded };
}

describe('a map run whose engine is dropped', () => {
  it.each(Object.entries(MACHINES))(
    'ends as if nothing had happened, and no finished child runs again, whichever commit was the last: %s',
    async (name, machine) => {
      const reference = await play(machine);
      expect(reference.parent.status).toBe('SUCCEEDED');
      const expected = outcome(reference);
      expect(reference.store.commits).toBeGreaterThan(10);
      for (let stopAfter = 1; stopAfter < reference.store.commits; stopAfter++) {
        const world = await play(machine, stopAfter);
        const before = world.inputs.length;
        const engine = world.open();
        const finished = world.finished();
        engine.resume();
        await world.drive();
        const place = `${name}, stopped after commit ${stopAfter}`;
        // How many of the others had been started when the threshold was exceeded depends on where the run was dropped.
        const { counts, ...actual } = outcome(world);
        const { counts: expectedCounts, ...rest } = expected;
        expect({ place, ...actual }).toEqual({ place, ...rest });
        if (name !== 'a run that fails') expect({ place, counts }).toEqual({ place, counts: expectedCounts });
        const again = world.inputs.slice(before).filter((input) => finished.includes(JSON.stringify(input)));
        expect({ place, again }).toEqual({ place, again: [] });
      }
    },
  );
});
