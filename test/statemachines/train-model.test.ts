import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as train from '../../contracts/steps/train-model-steps.ts';
import { type Answers, MachineRun, type Sent, throughToken, thrown } from './machine-run.ts';

const digest = (letter: string) => letter.repeat(64);
const pinned = { model: 'credit-risk', recipeDigest: digest('a'), datasetDigest: digest('b') };
const trigger = { kind: 'data', arrivalId: 'arrival-1' };
const start = {
  model: 'credit-risk',
  trigger,
  arrival: { objects: [{ key: 'credit-risk/dev.csv', versionId: 'v1' }] },
  recipeDigest: null,
};
const registered = { ...pinned, modelDigest: digest('e'), version: 3 };
const good: Answers = {
  SnapshotDataset: { ...pinned, arrivalId: 'arrival-1', bytes: 100 },
  ValidateDataset: { verdict: 'accepted', rows: 1500, reasons: [] },
  TrainModel: throughToken({ trainedDigest: digest('c'), algorithm: 'logistic-regression' }),
  EvaluateModel: { evaluationDigest: digest('d'), metrics: { auc: 0.8 } },
  PackageModel: { modelDigest: digest('e') },
  RegisterModel: registered,
  RejectTraining: (sent: Sent) => ({ error: sent.input.error, cause: sent.input.cause }),
  ReconcileAudit: { attempts: 6, lost: 0 },
};
const happy = ['SnapshotDataset', 'ValidateDataset', 'TrainModel', 'EvaluateModel', 'PackageModel', 'RegisterModel'];

async function run(change: Answers = {}, input: unknown = start) {
  const machine = new MachineRun({ ...good, ...change });
  return { machine, ...(await machine.run('train-model', input)) };
}

describe('train-model', () => {
  it('goes through every state and answers the version', async () => {
    const { status, output, calls } = await run();
    expect(calls).toEqual([...happy, 'ReconcileAudit']);
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: registered });
  });

  it('sends each function what its contract says', async () => {
    const { machine } = await run();
    const contracts = {
      SnapshotDataset: train.snapshotDatasetContract,
      ValidateDataset: train.validateDatasetContract,
      TrainModel: train.trainModelContract,
      EvaluateModel: train.evaluateModelContract,
      PackageModel: train.packageModelContract,
      RegisterModel: train.registerModelContract,
      ReconcileAudit: train.reconcileAuditContract,
    };
    for (const [name, contract] of Object.entries(contracts))
      expect(v.safeParse(contract.input, machine.inputOf(name)).issues, name).toBeUndefined();
    expect(machine.sent.map(({ sent }) => sent.context.State.Name)).toEqual([...happy, 'ReconcileAudit']);
  });

  it('tells ValidateDataset when a person replays it', async () => {
    const replay = { of: 'train-0', by: 'ann', number: 1 };
    const { machine } = await run({}, { ...start, replay });
    expect(machine.inputOf('ValidateDataset')).toMatchObject({ replayed: true });
    expect((await run()).machine.inputOf('ValidateDataset')).toMatchObject({ replayed: false });
  });

  it('trains nothing on a dataset that was rejected, and says why', async () => {
    const rejected = { verdict: 'rejected', rows: 3, reasons: ['age: 3 rows are out of range', 'rows: 3 are too few'] };
    const { status, error, cause, calls, machine } = await run({ ValidateDataset: rejected });
    expect(calls).toEqual(['SnapshotDataset', 'ValidateDataset', 'RejectTraining', 'ReconcileAudit']);
    const told = 'age: 3 rows are out of range; rows: 3 are too few';
    expect(machine.inputOf('RejectTraining')).toEqual({
      model: 'credit-risk',
      state: 'ValidateDataset',
      error: 'DatasetRejected',
      cause: told,
    });
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'DatasetRejected', cause: told });
  });

  it.each(happy)('ends by way of RejectTraining and ReconcileAudit where %s throws', async (state) => {
    const { status, error, calls, machine } = await run({ [state]: thrown('DigestMismatch') });
    expect(calls).toEqual([...happy.slice(0, happy.indexOf(state) + 1), 'RejectTraining', 'ReconcileAudit']);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'DigestMismatch' });
    expect(machine.inputOf('RejectTraining')).toMatchObject({ state, error: 'DigestMismatch' });
    expect(v.safeParse(train.rejectTrainingContract.input, machine.inputOf('RejectTraining')).success).toBe(true);
  });

  it('ends so as well where the trainer says later that it could not', async () => {
    const failing = (sent: Sent, machine: MachineRun) => machine.fail(sent, 'TrainingFailed', 'one class only') ?? {};
    const { status, error, cause, calls } = await run({ TrainModel: failing });
    expect(calls).toEqual(['SnapshotDataset', 'ValidateDataset', 'TrainModel', 'RejectTraining', 'ReconcileAudit']);
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'TrainingFailed', cause: 'one class only' });
  });

  it('does not wait for a trainer for ever', async () => {
    const { error, machine } = await run({ TrainModel: {} });
    expect(error).toBe('States.Timeout');
    expect(machine.clock.now() - Date.UTC(2026, 0, 1)).toBeGreaterThanOrEqual(3_600_000);
  });

  it.each(['RegistryUnavailable', 'RegistryConflict', 'StorageUnavailable', 'WorkflowUnavailable'])(
    'tries again what failed with %s',
    async (name) => {
      const flaky = ({ context }: Sent) => (context.State.RetryCount < 3 ? thrown(name) : good.RegisterModel);
      const { status, calls, machine } = await run({ RegisterModel: flaky });
      expect(status).toBe('SUCCEEDED');
      expect(calls.filter((called) => called === 'RegisterModel')).toHaveLength(4);
      const attempts = machine.sent.filter((one) => one.function === 'RegisterModel');
      expect(attempts.map(({ sent }) => sent.context.State.RetryCount)).toEqual([0, 1, 2, 3]);
    },
  );

  it('gives up after six retries', async () => {
    const { status, error, calls } = await run({ RegisterModel: thrown('RegistryUnavailable') });
    expect(calls.filter((called) => called === 'RegisterModel')).toHaveLength(7);
    expect(calls.slice(-2)).toEqual(['RejectTraining', 'ReconcileAudit']);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'RegistryUnavailable' });
  });

  it('does not try again what stays wrong', async () => {
    const { calls } = await run({ TrainModel: thrown('TrainingFailed') });
    expect(calls.filter((called) => called === 'TrainModel')).toHaveLength(1);
  });

  it('is reconciled, and fails with its own error, where even RejectTraining fails', async () => {
    const { status, error, calls } = await run({
      PackageModel: thrown('ObjectMissing'),
      RejectTraining: thrown('Defect'),
    });
    expect(calls.at(-1)).toBe('ReconcileAudit');
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'ObjectMissing' });
  });

  it('fails where it cannot be reconciled: an audit trail that nobody checked is no complete one', async () => {
    const { status, error } = await run({ ReconcileAudit: thrown('Defect') });
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'Defect' });
  });
});
