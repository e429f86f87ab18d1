import * as v from 'valibot';
import { describe, expect, it, vi } from 'vitest';
import { fact } from '../../contracts/events/fact.ts';
import { RecipeMissing, RegistryUnavailable } from '../../domain/errors.ts';
import type { StepResult } from '../../domain/step.ts';
import { lambdaContext, World } from '../../test/support/world.ts';
import { defineStep } from './define-step.ts';

const contract = {
  input: v.strictObject({ model: v.string() }),
  output: v.strictObject({ count: v.number() }),
};
type Result = StepResult<{ count: number }>;

/** A step that counts its runs and wants one thing written. */
function counting(world: World, more: Partial<Result> = {}) {
  let count = 0;
  const run = async (): Promise<Result> => {
    count += 1;
    return {
      output: { count },
      verdict: 'counted',
      model: 'loan-risk',
      changes: [
        {
          change: 'record-arrival',
          arrival: {
            arrivalId: `a${count}`,
            model: 'loan-risk',
            objects: [],
            runId: null,
            recipeDigest: null,
            arrivedAt: '2026-01-15',
          },
        },
      ],
      facts: [fact('Recipe Accepted', { model: 'loan-risk', recipeDigest: 'a'.repeat(64), commit: `c${count}` })],
      ...more,
    };
  };
  return { run, invoke: invoker(world, run), runs: () => count };
}

type Handler = (event: unknown, context: ReturnType<typeof lambdaContext>) => Promise<{ count: number }>;

const invoker = (world: World, run: () => Promise<Result>) => {
  const handler = defineStep({ contract, run, recorder: world.recorder }) as unknown as Handler;
  return (attempt = 0, input: unknown = { model: 'loan-risk' }, redrive = 0) =>
    handler(
      {
        input,
        context: {
          Execution: { Id: 'arn:execution', Name: 'run-1', RedriveCount: redrive },
          State: { Name: 'Count', RetryCount: attempt },
          StateMachine: { Name: 'machine' },
          SomethingNew: 'AWS may add members',
        },
      },
      lambdaContext('sluice-dev-count'),
    );
};

vi.spyOn(console, 'error').mockImplementation(() => {});

describe('a step', () => {
  it('writes its changes, its facts and one audit event, and answers its output', async () => {
    const world = new World();
    await expect(counting(world).invoke()).resolves.toEqual({ count: 1 });
    expect(world.registry.audits).toEqual([
      {
        key: 'run-1#Count#0#0',
        environment: 'dev',
        function: 'sluice-dev-count',
        runId: 'run-1',
        machine: 'machine',
        state: 'Count',
        attempt: 0,
        redrive: 0,
        outcome: 'succeeded',
        verdict: 'counted',
        error: null,
        model: 'loan-risk',
        subjects: {},
        actor: 'function/test',
        at: '2026-01-15T09:30:00.000Z',
        durationMs: 1,
      },
    ]);
    expect(world.registry.facts).toMatchObject([{ type: 'Recipe Accepted', runId: 'run-1', environment: 'dev' }]);
    expect(await world.registry.arrival('loan-risk', 'a1')).toBeDefined();
  });

  it('that runs again as the same attempt writes nothing twice, and answers what it answered', async () => {
    const world = new World();
    const step = counting(world);
    const first = await step.invoke();
    const before = world.registry.state;
    expect(await step.invoke()).toEqual(first);
    expect(step.runs()).toBe(2);
    expect(world.registry.state).toEqual(before);
    expect(world.registry.audits).toHaveLength(1);
    expect(world.registry.facts).toHaveLength(1);
  });

  it('whose answer was lost has one audit event an attempt, and the facts of both attempts are one', async () => {
    const world = new World();
    const step = counting(world);
    world.registry.loseNextAnswer();
    await expect(step.invoke(0)).rejects.toMatchObject({ name: 'RegistryUnavailable' });
    await expect(step.invoke(1)).resolves.toEqual({ count: 2 });
    expect(world.registry.audits.map(({ key, outcome }) => [key, outcome])).toEqual([
      ['run-1#Count#0#0', 'succeeded'],
      ['run-1#Count#1#0', 'succeeded'],
    ]);
    expect(new Set(world.registry.facts.map(({ id }) => id)).size).toBe(1);
  });

  it('has one audit event for each retry and each redrive', async () => {
    const world = new World();
    const step = counting(world);
    await step.invoke(0);
    await step.invoke(1);
    await step.invoke(0, { model: 'loan-risk' }, 1);
    expect(world.registry.audits.map(({ key }) => key)).toEqual([
      'run-1#Count#0#0',
      'run-1#Count#1#0',
      'run-1#Count#0#1',
    ]);
  });

  it('does what comes after the commit only then, and again when the attempt runs again', async () => {
    const world = new World();
    const seen: number[] = [];
    const afterCommit = async () => void seen.push(world.registry.audits.length);
    const step = counting(world, { afterCommit });
    await step.invoke();
    await step.invoke();
    expect(seen).toEqual([1, 1]);
  });

  it('that fails leaves one failed audit event, no change and no fact, and its error goes on by its name', async () => {
    const world = new World();
    const invoke = invoker(world, async () => {
      throw new RecipeMissing('there is no recipe');
    });
    await expect(invoke()).rejects.toMatchObject({ name: 'RecipeMissing', message: 'there is no recipe' });
    await expect(invoke()).rejects.toMatchObject({ name: 'RecipeMissing' });
    expect(world.registry.audits).toMatchObject([
      {
        key: 'run-1#Count#0#0',
        outcome: 'failed',
        verdict: null,
        error: { name: 'RecipeMissing', message: 'there is no recipe' },
        model: 'loan-risk',
      },
    ]);
    expect(world.registry.facts).toEqual([]);
    expect(world.registry.state).toEqual({});
  });

  it("that meets somebody else's change fails with RegistryConflict, for the state machine to retry", async () => {
    const world = new World();
    const deployment = { model: 'loan-risk', revision: 2, champion: null, canary: null };
    const step = counting(world, { changes: [{ change: 'move-pointer', deployment, expectedRevision: 1 }] });
    await expect(step.invoke()).rejects.toMatchObject({ name: 'RegistryConflict' });
    expect(world.registry.audits).toMatchObject([{ outcome: 'failed', error: { name: 'RegistryConflict' } }]);
    expect(world.registry.state).toEqual({});
    expect(world.registry.facts).toEqual([]);
  });

  it('that committed and failed after it stays committed: its attempt has one audit event', async () => {
    const world = new World();
    const afterCommit = async () => {
      throw new Error('the token was not taken');
    };
    await expect(counting(world, { afterCommit }).invoke()).rejects.toThrow('the token was not taken');
    expect(world.registry.audits).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('that cannot write its audit event still fails with its own error', async () => {
    const world = new World();
    world.registry.failNextCommit(new RegistryUnavailable('down'));
    const invoke = invoker(world, async () => {
      throw new RecipeMissing('there is no recipe');
    });
    await expect(invoke()).rejects.toMatchObject({ name: 'RecipeMissing' });
    expect(world.registry.audits).toEqual([]);
  });

  it('is sent what its contract says, or fails with InputInvalid, naming the member', async () => {
    const world = new World();
    const step = counting(world);
    await expect(step.invoke(0, { model: 1 })).rejects.toMatchObject({
      name: 'InputInvalid',
      message: expect.stringMatching(/^Count was sent what it cannot read: model: /),
    });
    await expect(step.invoke(1, { model: 'loan-risk', modell: 1 })).rejects.toMatchObject({ name: 'InputInvalid' });
    expect(step.runs()).toBe(0);
    expect(world.registry.audits.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  it('answers what its contract says: another answer is a defect, and nothing is written', async () => {
    const world = new World();
    await expect(counting(world, { output: { count: 'one' as never } }).invoke()).rejects.toThrow();
    expect(world.registry.state).toEqual({});
    expect(world.registry.audits).toMatchObject([{ outcome: 'failed' }]);
  });

  it('that is sent no context has no attempt to write down', async () => {
    const world = new World();
    const handler = defineStep({ contract, run: counting(world).run, recorder: world.recorder }) as unknown as Handler;
    await expect(handler({ input: {} }, lambdaContext('f'))).rejects.toMatchObject({ name: 'InputInvalid' });
    expect(world.registry.audits).toEqual([]);
  });

  it('keeps a long message to 2,000 characters', async () => {
    const world = new World();
    const invoke = invoker(world, async () => {
      throw new RecipeMissing('x'.repeat(5_000));
    });
    await expect(invoke()).rejects.toThrow();
    expect(world.registry.audits[0]?.error?.message).toHaveLength(2_000);
  });
});
