import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as promote from '../../contracts/steps/promote-model-steps.ts';
import { type Answers, MachineRun, type Sent, throughToken, thrown } from './machine-run.ts';

const digest = (letter: string) => letter.repeat(64);
const signature = { keyArn: 'arn:aws:kms:eu-west-1:111111111111:key/k', algorithm: 'ECDSA_SHA_256', value: 'AAAA' };
const request = {
  model: 'credit-risk',
  candidate: {
    candidateId: 'candidate-1',
    recipeDigest: digest('a'),
    datasetDigest: digest('b'),
    modelDigest: digest('c'),
    evidenceDigest: digest('d'),
  },
  version: 3,
  classification: 'confidential',
  strategy: 'retrain',
  from: 'dev',
  to: 'acc',
  metrics: { auc: 0.8 },
  approvals: 0,
  signature,
};
const start = { request, trigger: { kind: 'request', from: 'dev', eventId: 'fact-1' } };
const own = {
  request: { ...request, from: null, signature: null },
  trigger: { kind: 'registration', runId: 'train-1' },
};
const copy = { ...start, request: { ...request, strategy: 'copy', classification: 'internal' } };

const verified = { promotionId: 'promotion-1', verdict: 'verified', reasons: [], crosses: true };
const retrained = {
  model: 'credit-risk',
  recipeDigest: digest('a'),
  datasetDigest: digest('e'),
  modelDigest: digest('f'),
  version: 1,
};
const passed = { verdict: 'passed', findings: [] };
const good: Answers = {
  VerifyCandidate: verified,
  AuthorizePromotion: throughToken({ approvals: 0 }),
  MoveArtifact: { objects: 1, bytes: 100 },
  SnapshotDataset: {
    model: 'credit-risk',
    recipeDigest: digest('a'),
    datasetDigest: digest('e'),
    arrivalId: 'arrival-2',
    bytes: 9,
  },
  ValidateDataset: { verdict: 'accepted', rows: 900, reasons: [] },
  TrainModel: throughToken({ trainedDigest: digest('1'), algorithm: 'logistic-regression' }),
  EvaluateModel: { evaluationDigest: digest('2'), metrics: {} },
  PackageModel: { modelDigest: digest('f') },
  RegisterModel: retrained,
  RejectTraining: { error: 'e', cause: 'c' },
  TestIntegration: passed,
  TestPerformance: passed,
  TestSecurity: passed,
  JudgeGates: { verdict: 'passed', reasons: [] },
  DeployCanary: { revision: 1, weight: 0.1 },
  ObserveCanary: { verdict: 'healthy', reasons: [] },
  CompletePromotion: { version: 1, previousVersion: null },
  RequestPromotion: { to: 'prd', candidateId: 'candidate-2' },
  RollbackDeployment: { rolledBack: true },
  RejectPromotion: (sent: Sent) => ({ reasons: sent.input.reasons }),
  ReconcileAudit: { attempts: 9, lost: 0 },
};
const TRAINING = [
  'SnapshotDataset',
  'ValidateDataset',
  'TrainModel',
  'EvaluateModel',
  'PackageModel',
  'RegisterModel',
  'ReconcileAudit',
];
const TESTS = ['TestIntegration', 'TestPerformance', 'TestSecurity'];
const END = ['JudgeGates', 'DeployCanary', 'ObserveCanary', 'CompletePromotion', 'RequestPromotion', 'ReconcileAudit'];

async function run(change: Answers = {}, input: unknown = start) {
  const machine = new MachineRun({ ...good, ...change });
  const result = await machine.run('promote-model', input);
  /** The three tests run side by side: their order is no matter. */
  const calls = result.calls.filter((called) => !TESTS.includes(called));
  return { machine, ...result, calls, tests: result.calls.filter((called) => TESTS.includes(called)).sort() };
}
const reasonsOf = (machine: MachineRun) => machine.inputOf('RejectPromotion')?.reasons as string[];

describe('a candidate that crosses', () => {
  it('with "retrain": its recipe is fetched, trained here, tested and promoted', async () => {
    const { status, output, calls, tests, machine } = await run();
    expect(calls).toEqual(['VerifyCandidate', 'AuthorizePromotion', 'MoveArtifact', ...TRAINING, ...END]);
    expect(tests).toEqual(TESTS);
    expect({ status, output }).toEqual({
      status: 'SUCCEEDED',
      output: { promotionId: 'promotion-1', version: 1, modelDigest: digest('f'), requestedInto: 'prd' },
    });
    expect(machine.inputOf('SnapshotDataset')).toEqual({
      model: 'credit-risk',
      trigger: { kind: 'promotion', promotionId: 'promotion-1' },
      arrival: null,
      recipeDigest: digest('a'),
    });
    expect(machine.sent.find((one) => one.function === 'SnapshotDataset')?.sent.context.Execution.Name).toBe(
      'promotion-1-retrain',
    );
  });

  it('with "copy": its package is fetched and tested as it is', async () => {
    const { status, calls, machine } = await run({}, copy);
    expect(calls).toEqual(['VerifyCandidate', 'AuthorizePromotion', 'MoveArtifact', ...END]);
    expect(status).toBe('SUCCEEDED');
    expect(machine.inputOf('TestSecurity')).toEqual({
      promotionId: 'promotion-1',
      model: 'credit-risk',
      modelDigest: digest('c'),
    });
  });
});

describe('a candidate that was registered here', () => {
  it('crosses nothing', async () => {
    const { status, calls, machine } = await run({ VerifyCandidate: { ...verified, crosses: false } }, own);
    expect(calls).toEqual(['VerifyCandidate', 'AuthorizePromotion', ...END]);
    expect(status).toBe('SUCCEEDED');
    expect(machine.inputOf('CompletePromotion')).toMatchObject({ modelDigest: digest('c') });
  });

  it('in the last environment asks nobody further', async () => {
    const { output } = await run({ RequestPromotion: { to: null, candidateId: null } }, start);
    expect(output).toMatchObject({ requestedInto: null });
  });
});

describe('each function', () => {
  it('is sent what its contract says', async () => {
    const { machine } = await run({ ObserveCanary: { verdict: 'unhealthy', reasons: ['slow'] } });
    const { machine: completed } = await run();
    const contracts = {
      VerifyCandidate: promote.verifyCandidateContract,
      AuthorizePromotion: promote.authorizePromotionContract,
      MoveArtifact: promote.moveArtifactContract,
      TestIntegration: promote.testContract,
      TestPerformance: promote.testContract,
      TestSecurity: promote.testContract,
      JudgeGates: promote.judgeGatesContract,
      DeployCanary: promote.deployCanaryContract,
      ObserveCanary: promote.observeCanaryContract,
      CompletePromotion: promote.completePromotionContract,
      RequestPromotion: promote.requestPromotionContract,
      RollbackDeployment: promote.rollbackDeploymentContract,
      RejectPromotion: promote.rejectPromotionContract,
    };
    for (const [name, contract] of Object.entries(contracts)) {
      const input = machine.inputOf(name) ?? completed.inputOf(name);
      expect(v.safeParse(contract.input, input).issues, name).toBeUndefined();
    }
  });
});

describe('a promotion that is not made', () => {
  it('because the request is refused: nothing was fetched, nobody asked', async () => {
    const refused = { ...verified, verdict: 'refused', reasons: ['the request is not signed'] };
    const { status, error, cause, calls, machine } = await run({ VerifyCandidate: refused });
    expect(calls).toEqual(['VerifyCandidate', 'RejectPromotion', 'ReconcileAudit']);
    expect(machine.inputOf('RejectPromotion')).toEqual({
      promotionId: 'promotion-1',
      request,
      reasons: ['the request is not signed'],
    });
    expect({ status, error, cause }).toEqual({
      status: 'FAILED',
      error: 'PromotionRejected',
      cause: 'the request is not signed',
    });
  });

  it('because a person said no', async () => {
    const refusing = (sent: Sent, machine: MachineRun) =>
      machine.fail(sent, 'ApprovalRefused', 'ann refused: too risky') ?? {};
    const { status, cause, calls } = await run({ AuthorizePromotion: refusing });
    expect(calls).toEqual(['VerifyCandidate', 'AuthorizePromotion', 'RejectPromotion', 'ReconcileAudit']);
    expect({ status, cause }).toEqual({
      status: 'FAILED',
      cause: 'AuthorizePromotion: ApprovalRefused: ann refused: too risky',
    });
  });

  it('because nobody decided in seven days', async () => {
    const { calls, machine, cause } = await run({ AuthorizePromotion: { approvals: 0 } });
    expect(calls).toEqual(['VerifyCandidate', 'AuthorizePromotion', 'RejectPromotion', 'ReconcileAudit']);
    expect(cause).toContain('States.Timeout');
    expect(machine.clock.now() - Date.UTC(2026, 0, 1)).toBeGreaterThanOrEqual(7 * 86_400_000);
  });

  it('because a gate held: no canary was deployed', async () => {
    const held = { verdict: 'held', reasons: ['acc gate "auc" held', 'acc gate "approvals" held'] };
    const { calls, error, cause, machine } = await run({ JudgeGates: held });
    expect(calls.slice(-3)).toEqual(['JudgeGates', 'RejectPromotion', 'ReconcileAudit']);
    expect(reasonsOf(machine)).toEqual(held.reasons);
    expect({ error, cause }).toEqual({ error: 'PromotionRejected', cause: held.reasons.join('; ') });
  });

  it('because training failed here: its reason is in the reasons', async () => {
    const rejected = { verdict: 'rejected', rows: 3, reasons: ['too few rows'] };
    const { calls, machine, status } = await run({ ValidateDataset: rejected });
    expect(calls).toEqual([
      'VerifyCandidate',
      'AuthorizePromotion',
      'MoveArtifact',
      'SnapshotDataset',
      'ValidateDataset',
      'RejectTraining',
      'ReconcileAudit',
      'RejectPromotion',
      'ReconcileAudit',
    ]);
    expect(status).toBe('FAILED');
    expect(reasonsOf(machine)[0]).toMatch(/^Retrain: .*too few rows/s);
  });

  it('because the canary is unhealthy: it is taken out first', async () => {
    const { calls, cause, machine } = await run({
      ObserveCanary: { verdict: 'unhealthy', reasons: ['request 3 was refused'] },
    });
    expect(calls.slice(-4)).toEqual(['ObserveCanary', 'RollbackDeployment', 'RejectPromotion', 'ReconcileAudit']);
    expect(reasonsOf(machine)).toEqual(['request 3 was refused']);
    expect(cause).toBe('request 3 was refused');
  });

  it.each(['VerifyCandidate', 'AuthorizePromotion', 'MoveArtifact', 'JudgeGates'])(
    'because %s throws: there is no canary to take out',
    async (state) => {
      const { calls, status, machine, cause } = await run({ [state]: thrown('DigestMismatch', 'not these bytes') });
      expect(calls.slice(-3)).toEqual([state, 'RejectPromotion', 'ReconcileAudit']);
      expect(status).toBe('FAILED');
      expect(reasonsOf(machine)[0]).toMatch(new RegExp(`^${state}: DigestMismatch: .*not these bytes`, 's'));
      expect(cause).toContain('not these bytes');
      if (state === 'VerifyCandidate') expect(machine.inputOf('RejectPromotion')).toMatchObject({ promotionId: null });
    },
  );

  it.each(['DeployCanary', 'ObserveCanary', 'CompletePromotion'])(
    'because %s throws: the canary is taken out',
    async (state) => {
      const { calls, status, machine } = await run({ [state]: thrown('ChampionMoved', 'it moved') });
      expect(calls.slice(-4)).toEqual([state, 'RollbackDeployment', 'RejectPromotion', 'ReconcileAudit']);
      expect(status).toBe('FAILED');
      expect(reasonsOf(machine)[0]).toMatch(new RegExp(`^${state}: ChampionMoved: .*it moved`, 's'));
    },
  );

  it('is told and reconciled also where the rollback or the rejection fails', async () => {
    const unhealthy = { ObserveCanary: { verdict: 'unhealthy', reasons: ['slow'] } };
    const one = await run({ ...unhealthy, RollbackDeployment: thrown('Defect') });
    expect(one.calls.slice(-3)).toEqual(['RollbackDeployment', 'RejectPromotion', 'ReconcileAudit']);
    const two = await run({ ...unhealthy, RejectPromotion: thrown('Defect') });
    expect(two.calls.slice(-2)).toEqual(['RejectPromotion', 'ReconcileAudit']);
    expect([one.status, two.status]).toEqual(['FAILED', 'FAILED']);
  });
});

describe('a test that throws', () => {
  it.each(TESTS)('(%s) leaves its evidence out, and the others go on to the gates', async (test) => {
    const { calls, tests, status } = await run({ [test]: thrown('DigestMismatch') });
    expect(tests).toEqual(TESTS);
    expect(calls).toContain('JudgeGates');
    expect(status).toBe('SUCCEEDED');
  });

  it('is tried again where the endpoint did not answer', async () => {
    const flaky = ({ context }: Sent) => (context.State.RetryCount === 0 ? thrown('EndpointUnavailable') : passed);
    const { tests } = await run({ TestPerformance: flaky });
    expect(tests.filter((test) => test === 'TestPerformance')).toHaveLength(2);
  });
});

describe('a promotion that must wait', () => {
  it("for another one's canary is tried again, more often than a passing trouble", async () => {
    const busy = ({ context }: Sent) => (context.State.RetryCount < 15 ? thrown('CanaryBusy') : good.DeployCanary);
    const { status, calls } = await run({ DeployCanary: busy });
    expect(status).toBe('SUCCEEDED');
    expect(calls.filter((called) => called === 'DeployCanary')).toHaveLength(16);
  });

  it('for a person goes on when the person says yes', async () => {
    const { calls, machine } = await run({ AuthorizePromotion: throughToken({ approvals: 2 }) });
    expect(calls.at(-1)).toBe('ReconcileAudit');
    expect(machine.sent.find((one) => one.function === 'AuthorizePromotion')?.sent.context.Task?.Token).toEqual(
      expect.any(String),
    );
  });
});

describe('a promotion that is made', () => {
  it('and cannot be offered further is reconciled, and its run fails with the reason; nothing is rolled back', async () => {
    const { calls, status, error, cause } = await run({ RequestPromotion: thrown('ObjectMissing', 'no recipe') });
    expect(calls.slice(-3)).toEqual(['CompletePromotion', 'RequestPromotion', 'ReconcileAudit']);
    expect(status).toBe('FAILED');
    // Not "PromotionRejected": this environment serves the version.
    expect(error).toBe('PromotionNotRequested');
    expect(cause).toContain('The version serves here');
    expect(cause).toContain('no recipe');
  });
});
