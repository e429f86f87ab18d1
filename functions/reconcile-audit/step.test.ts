import { expect, it, vi } from 'vitest';
import type { HistoryEvent } from '../../domain/ports/workflows.ts';
import { MODEL, World } from '../../test/support/world.ts';

vi.spyOn(console, 'error').mockImplementation(() => {});

const event = (id: number, type: string, more: Partial<HistoryEvent> = {}): HistoryEvent => ({
  id,
  previousEventId: id - 1,
  type,
  stateName: null,
  error: null,
  resourceType: null,
  ...more,
});
/** RejectTraining ran; TrainModel was killed before it; ReconcileAudit is asking. */
const history = [
  event(1, 'ExecutionStarted'),
  event(2, 'TaskStateEntered', { stateName: 'TrainModel' }),
  event(3, 'TaskScheduled', { resourceType: 'lambda' }),
  event(4, 'TaskStarted'),
  event(5, 'TaskFailed', { error: 'Sandbox.Timedout' }),
  event(6, 'TaskStateExited', { stateName: 'TrainModel' }),
  event(7, 'TaskStateEntered', { stateName: 'RejectTraining' }),
  event(8, 'TaskScheduled', { resourceType: 'lambda' }),
  event(9, 'TaskSucceeded'),
  event(10, 'TaskStateExited', { stateName: 'RejectTraining' }),
  event(11, 'TaskStateEntered', { stateName: 'ReconcileAudit' }),
  event(12, 'TaskScheduled', { resourceType: 'lambda' }),
];
const arn = 'arn:aws:states:eu-west-1:111111111111:execution:sluice-machine:run-1';
const rejected = { model: MODEL, state: 'TrainModel', error: 'e', cause: 'c' };

it('writes "lost" for the attempt that could not speak for itself, once', async () => {
  const world = new World();
  world.workflows.histories.set(arn, history);
  await world.invoke('reject-training', rejected);
  expect(await world.invoke('reconcile-audit', { model: MODEL })).toEqual({ attempts: 3, lost: 1 });
  const lost = world.registry.audits.filter(({ outcome }) => outcome === 'lost');
  expect(lost).toMatchObject([
    {
      key: 'run-1#TrainModel#0#0#lost',
      state: 'TrainModel',
      attempt: 0,
      verdict: null,
      error: { name: 'Sandbox.Timedout' },
      model: MODEL,
    },
  ]);
  expect(await world.invoke('reconcile-audit', { model: MODEL }, { attempt: 1 })).toEqual({ attempts: 3, lost: 0 });
  expect(world.registry.audits.filter(({ outcome }) => outcome === 'lost')).toHaveLength(1);
});

it('finds a run whole whose every attempt left its event', async () => {
  const world = new World();
  world.workflows.histories.set(
    arn,
    history.filter(({ id }) => id === 1 || id > 6),
  );
  await world.invoke('reject-training', rejected);
  expect(await world.invoke('reconcile-audit', { model: MODEL })).toEqual({ attempts: 2, lost: 0 });
  expect(world.registry.audits.at(-1)).toMatchObject({ verdict: 'complete' });
});

it('fails as a passing trouble where the history cannot be read', async () => {
  const world = new World();
  world.workflows.failNext();
  await expect(world.invoke('reconcile-audit', { model: null })).rejects.toMatchObject({ name: 'WorkflowUnavailable' });
});
