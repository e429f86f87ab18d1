import { describe, expect, it } from 'vitest';
import { HISTORY_LIMIT } from '../interpreter/advance.ts';
import { whilePending } from './actor.ts';
import { taskEnd } from './task-events.ts';
import { FUNCTION, TestEngine } from './test-engine.ts';

const wait = (seconds: number) => ({
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', Seconds: seconds, Next: 'Done' }, Done: { Type: 'Succeed' } },
});
const task = (resource: string) => ({
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: resource, End: true } },
});
const CALLBACK = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken';

describe('an error of the engine itself', () => {
  it('fails the execution as States.Runtime, tells whoever waits for it and is logged', async () => {
    const world = new TestEngine({
      hasActivity: () => {
        throw new TypeError('a defect');
      },
    });
    const arn = world.start(task('arn:aws:states:eu-west-1:111111111111:activity:a'));
    const ended = new Promise((resolve) => world.engine.whenEnded(arn, ({ status }) => resolve(status)));
    expect(await ended).toBe('FAILED');
    expect(world.row(arn)).toMatchObject({
      error: 'States.Runtime',
      cause: 'An internal error of the local runtime: a defect',
      stoppedAtMs: world.clock.now(),
    });
    expect(world.types(arn)).toEqual(['ExecutionStarted', 'ExecutionFailed']);
    expect(world.statuses).toEqual(['RUNNING', 'FAILED']);
    expect(world.logged).toContainEqual({
      level: 'error',
      message: 'an execution was failed for an error of the engine',
    });
  });

  it('leaves the other executions alone', async () => {
    const world = new TestEngine({
      hasActivity: () => {
        throw new TypeError('a defect');
      },
    });
    const broken = world.start(task('arn:aws:states:eu-west-1:111111111111:activity:a'), {}, 'broken');
    const sound = world.start({ StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } } }, {}, 'sound');
    await world.engine.settled();
    expect([world.row(broken).status, world.row(sound).status]).toEqual(['FAILED', 'SUCCEEDED']);
  });

  it('fails an execution whose log cannot be read, when it is its turn', async () => {
    const world = new TestEngine();
    const arn = world.start(wait(60));
    await world.engine.settled();
    world.store.db.exec(`UPDATE sfn_segment SET entries = '[["9","PassStateEntered",0,3,2,{}]]' WHERE firstSeq > 1`);
    world.restart();
    await world.engine.settled();
    expect(world.row(arn).status).toBe('RUNNING');
    world.clock.advance(60_000);
    await world.engine.settled();
    expect(world.row(arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});

describe('a disk that is full', () => {
  it('stops an execution where it is; it goes on when there is room, and nothing was acted on before', async () => {
    const world = new TestEngine();
    const arn = world.start(task(FUNCTION), { text: 'x'.repeat(100_000) });
    const { page_count: pages } = world.store.db.prepare('PRAGMA page_count').get() as { page_count: number };
    world.store.db.exec(`PRAGMA max_page_count = ${pages}`);
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(world.calls).toEqual([]);
    const row = world.row(arn);
    const stop = world.engine.post(row, () => [{ frame: '0', type: 'ExecutionAborted', details: {} }]);
    await expect(stop).rejects.toMatchObject({ errcode: 13 });
    world.store.db.exec(`PRAGMA max_page_count = ${pages + 1000}`);
    world.clock.advance(1_000);
    await world.engine.settled();
    expect(world.calls).toHaveLength(1);
    world.calls[0]!.report.succeeded('done');
    await world.engine.settled();
    expect(world.row(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
  });
});

describe('executions that only wait', () => {
  it('go on at their time though they left the memory', async () => {
    const world = new TestEngine({ idleInMemory: 1 });
    const arns = [30, 10, 20].map((seconds) => world.start(wait(seconds), {}, `wait-${seconds}`));
    await world.engine.settled();
    expect([...world.engine.open()]).toHaveLength(1);
    const statuses = () => arns.map((arn) => world.row(arn).status);
    world.clock.advance(10_000);
    await world.engine.settled();
    expect(statuses()).toEqual(['RUNNING', 'SUCCEEDED', 'RUNNING']);
    world.clock.advance(20_000);
    await world.engine.settled();
    expect(statuses()).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  });

  it('are not read by a restart, and go on at their time', async () => {
    const world = new TestEngine();
    const arn = world.start(wait(60));
    await world.engine.settled();
    world.restart();
    expect([...world.engine.open()]).toEqual([]);
    world.clock.advance(60_000);
    await world.engine.settled();
    expect(world.row(arn).status).toBe('SUCCEEDED');
  });

  it('take the answer to a token that was given out before they left the memory', async () => {
    const world = new TestEngine({ idleInMemory: 0 });
    const arn = world.start(task(CALLBACK));
    await world.engine.settled();
    const { request, report } = world.calls[0]!;
    report.submitted({});
    await world.engine.settled();
    expect([...world.engine.open()]).toEqual([]);
    const { executionKey, frame, seq } = world.engine.log.token(request.token!)!;
    const answer = whilePending(frame, seq, (one) => taskEnd.succeeded(one, 'answer'));
    expect(await world.engine.post(world.engine.log.byKey(executionKey), answer)).toBe(true);
    expect(world.row(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"answer"' });
    expect(world.calls).toHaveLength(1);
  });
});

describe('the limits', () => {
  const loop = (work: object) => ({
    StartAt: 'Work',
    States: { Work: { ...work, Next: 'Again' }, Again: { Type: 'Pass', Next: 'Work' } },
  });

  it('an execution fails with its 25,000th event', async () => {
    const world = new TestEngine();
    const row = await world.run(loop({ Type: 'Pass' }));
    expect(row).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    const [last] = world.engine.log.events(row.key, Number.MAX_SAFE_INTEGER, 1, true);
    expect(last).toMatchObject({ id: HISTORY_LIMIT, type: 'ExecutionFailed' });
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('nor does the result of a task come after it (%i events before)', async (before) => {
    const world = new TestEngine();
    const prefix = Array.from({ length: before }, (_, index) => `P${index}`);
    const states = prefix.map((name, index) => [name, { Type: 'Wait', Seconds: 0, Next: prefix[index + 1] ?? 'Work' }]);
    const machine = loop({ Type: 'Task', Resource: FUNCTION });
    const arn = world.start({
      StartAt: prefix[0] ?? 'Work',
      States: { ...Object.fromEntries(states), ...machine.States },
    });
    for (let answered = 0; world.row(arn).status === 'RUNNING'; answered++) {
      await world.engine.settled();
      world.calls[answered]?.report.succeeded({});
    }
    const [last] = world.engine.log.events(world.row(arn).key, Number.MAX_SAFE_INTEGER, 1, true);
    expect(last).toMatchObject({ id: HISTORY_LIMIT, type: 'ExecutionFailed' });
  });

  it('an output of more than 256 KiB is States.DataLimitExceeded, one of just that is not', async () => {
    const machine = { StartAt: 'Pad', QueryLanguage: 'JSONata', States: {} };
    const padded = (length: number) => ({
      ...machine,
      States: { Pad: { Type: 'Pass', Output: `{% $pad("x", ${length}) %}`, End: true } },
    });
    expect(await new TestEngine().run(padded(262_142))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await new TestEngine().run(padded(262_143))).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });
});
