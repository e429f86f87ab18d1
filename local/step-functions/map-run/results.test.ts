import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../aws-error.ts';
import { type Answer, MapRunWorld, machineOf } from './test-world.ts';

const WRITER = { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'b', Prefix: 'out' } };

/** A batch fails when an item in it is negative. */
const answer: Answer = ({ input }, report) =>
  (input as { Items: number[] }).Items.some((item) => item < 0)
    ? report.failed({ error: 'Negative' })
    : report.succeeded(input);

const itemsIn = (world: MapRunWorld, kind: string): number[] =>
  [...world.storage.objects]
    .filter(([key]) => key.includes(`/${kind}_`))
    .flatMap(([, text]) =>
      (JSON.parse(text) as { Input: string }[]).flatMap(({ Input }) => JSON.parse(Input).Items as number[]),
    );

describe('the results of a map run', () => {
  it('hold every item exactly once, whatever failed and however many ran at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: -20, max: 60 }), { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 6 }),
        async (items, perBatch, concurrency, tolerated) => {
          const world = new MapRunWorld(answer);
          world.start(
            machineOf({
              MaxConcurrency: concurrency,
              ToleratedFailureCount: tolerated,
              ItemBatcher: { MaxItemsPerBatch: perBatch },
              ResultWriter: WRITER,
            }),
            items,
          );
          const { status } = await world.drive();
          const results = ['SUCCEEDED', 'FAILED', 'PENDING'].map((kind) => itemsIn(world, kind));
          const byNumber = (left: number, right: number) => left - right;
          expect(results.flat().sort(byNumber)).toEqual([...items].sort(byNumber));
          expect(status).toBe(results[1]!.length <= tolerated ? 'SUCCEEDED' : 'FAILED');
          world.store.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['NONE', expect.arrayContaining([expect.objectContaining({ Status: 'SUCCEEDED', Output: '[1,2]' })])],
    ['COMPACT', [[1, 2], [3]]],
    ['FLATTEN', [1, 2, 3]],
  ])('are shaped as WriterConfig says: %s', async (transformation, expected) => {
    const world = new MapRunWorld();
    world.start(machineOf({ ResultWriter: { WriterConfig: { Transformation: transformation } } }), [[1, 2], [3]]);
    expect(JSON.parse((await world.drive()).output!)).toEqual(expected);
  });

  it('fail the state when they are larger than a payload may be', async () => {
    const world = new MapRunWorld((_request, report) => report.succeeded('x'.repeat(200_000)));
    world.start(machineOf({}), [1, 2]);
    expect(await world.drive()).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it('fail the run when they cannot be written', async () => {
    const world = new MapRunWorld();
    world.storage.put = async () => {
      throw new AwsError('AccessDenied', 'Access Denied', 403);
    };
    world.start(machineOf({ ResultWriter: WRITER }), [1]);
    expect(await world.drive()).toMatchObject({ status: 'FAILED', error: 'States.ResultWriterFailed' });
    expect(world.types()).toContain('MapRunFailed');
  });
});
