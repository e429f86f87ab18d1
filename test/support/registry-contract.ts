import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Change } from '../../domain/change.ts';
import type { Arrival } from '../../domain/dataset.ts';
import type { Fact } from '../../domain/fact.ts';
import type { Deployment, ModelVersion } from '../../domain/model-version.ts';
import type { Commit, Registry } from '../../domain/ports/registry.ts';
import type { Approval, Evidence, Promotion } from '../../domain/promotion.ts';
import type { Recipe } from '../../domain/recipe.ts';

const at = '2026-01-15T09:30:00.000Z';
const signature = { keyArn: 'arn:key', algorithm: 'ECDSA_SHA_256', value: 'AAAA' } as const;

const audit = (key: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  key,
  environment: 'dev',
  function: 'sluice-dev-step',
  runId: 'run-1',
  machine: 'machine',
  state: 'Step',
  attempt: 0,
  redrive: 0,
  outcome: 'succeeded',
  verdict: 'done',
  error: null,
  model: 'loan-risk',
  subjects: { datasetDigest: 'd' },
  actor: 'function/step',
  at,
  durationMs: 1.5,
  ...more,
});
const fact = (id: string): Fact => ({
  id,
  type: 'Model Trained',
  version: 1,
  environment: 'dev',
  at,
  runId: 'run-1',
  data: { nested: { list: [1, 'two', null, true] } },
});
const arrival = (arrivalId: string, more: Partial<Arrival> = {}): Arrival => ({
  arrivalId,
  model: 'loan-risk',
  objects: [{ key: 'loan-risk/a b+c%2B.csv', versionId: 'v1' }],
  runId: null,
  recipeDigest: null,
  arrivedAt: at,
  ...more,
});
const recipe = (recipeDigest: string): Recipe => ({
  model: 'loan-risk',
  recipeDigest,
  commit: null,
  acceptedAt: at,
  from: null,
});
const version = (number: number, modelDigest: string): ModelVersion => ({
  model: 'loan-risk',
  version: number,
  modelDigest,
  recipeDigest: 'r',
  datasetDigest: 'd',
  classification: 'internal',
  algorithm: 'logistic-regression',
  evaluation: { metrics: { auc: 0.8125 }, testRows: 60 },
  signature,
  runId: 'run-1',
  trigger: { kind: 'data', arrivalId: 'a' },
  registeredAt: at,
});
const promotion = (promotionId: string, more: Partial<Promotion> = {}): Promotion => ({
  promotionId,
  request: {
    model: 'loan-risk',
    candidate: { candidateId: 'c', recipeDigest: 'r', datasetDigest: 'd', modelDigest: 'm', evidenceDigest: null },
    version: 1,
    classification: 'internal',
    strategy: 'retrain',
    from: null,
    to: 'dev',
    metrics: {},
    approvals: 0,
    signature: null,
  },
  runId: 'run-1',
  status: 'running',
  approvalsRequired: 0,
  taskToken: null,
  gates: [],
  reasons: [],
  modelDigest: null,
  startedAt: at,
  endedAt: null,
  ...more,
});
const approval = (by: string): Approval => ({
  promotionId: 'p1',
  candidateId: 'c',
  decision: 'approved',
  by,
  comment: '',
  at,
  signature,
});
const evidence = (test: Evidence['test'], findings: string[] = []): Evidence => ({
  promotionId: 'p1',
  candidateId: 'c',
  modelDigest: 'm',
  test,
  verdict: 'passed',
  measurements: { p99Ms: 12.25 },
  findings,
  at,
  signature,
});
const pointer = (revision: number): Deployment => ({ model: 'loan-risk', revision, champion: null, canary: null });

/** What every implementation of the Registry port does. `open` gives an empty one. */
export function registryContract(name: string, open: () => Promise<Registry> | Registry): void {
  describe(`${name} as a registry`, () => {
    let registry: Registry;
    let commits = 0;
    const commit = (changes: readonly Change[], more: Partial<Commit> = {}) => {
      commits += 1;
      const own = audit(`run-1#Step${commits}#0#0`);
      return registry.commit({ changes, facts: [], audit: own, lost: [], output: { commits }, ...more });
    };
    const keys = async () => (await registry.auditEvents({ runId: 'run-1' })).map(({ key }) => key);

    beforeEach(async () => {
      commits = 0;
      registry = await open();
    });

    it('knows nothing at first', async () => {
      expect(await registry.arrival('loan-risk', 'a')).toBeUndefined();
      expect(await registry.latestArrival('loan-risk')).toBeUndefined();
      expect(await registry.currentRecipe('loan-risk')).toBeUndefined();
      expect(await registry.dataset('loan-risk', 'd')).toBeUndefined();
      expect(await registry.modelVersion('loan-risk', 'm')).toBeUndefined();
      expect(await registry.modelVersions('loan-risk')).toEqual([]);
      expect(await registry.deployment('loan-risk')).toBeUndefined();
      expect(await registry.promotion('p1')).toBeUndefined();
      expect(await registry.evidence('p1')).toEqual([]);
      expect(await registry.approvals('p1')).toEqual([]);
      expect(await registry.models()).toEqual([]);
      expect(await registry.auditEvents({ environment: true })).toEqual([]);
    });

    it('gives back what was written, to the last member', async () => {
      const dataset = {
        model: 'loan-risk',
        datasetDigest: 'd',
        objects: [{ key: 'k', versionId: 'v', sha256: 's', bytes: 3 }],
        bytes: 3,
        arrivalId: 'a',
        snapshotAt: at,
        verdict: 'rejected',
        rows: 0,
        columns: null,
        classification: null,
        violations: [{ rule: 'type', column: 'ä', count: 1, rows: [{ row: 1, found: 'text' }], message: 'm' }],
      } as const;
      const comparison = { modelDigest: 'm', champion: { modelDigest: 'o', version: 1, metrics: { auc: 0.75 } } };
      await commit([
        { change: 'record-arrival', arrival: arrival('a') },
        { change: 'accept-recipe', recipe: recipe('r'), current: true },
        { change: 'put-dataset', dataset },
        { change: 'register-version', version: version(1, 'm') },
        { change: 'put-comparison', model: 'loan-risk', comparison },
        { change: 'open-promotion', promotion: promotion('p1') },
        { change: 'put-evidence', evidence: evidence('security', ['one']) },
        { change: 'put-approval', approval: approval('ann') },
        { change: 'move-pointer', deployment: pointer(1), expectedRevision: 0 },
      ]);
      expect(await registry.arrival('loan-risk', 'a')).toEqual(arrival('a'));
      expect(await registry.recipe('loan-risk', 'r')).toEqual(recipe('r'));
      expect(await registry.currentRecipe('loan-risk')).toEqual(recipe('r'));
      expect(await registry.dataset('loan-risk', 'd')).toEqual(dataset);
      expect(await registry.modelVersion('loan-risk', 'm')).toEqual(version(1, 'm'));
      expect(await registry.comparison('loan-risk', 'm')).toEqual(comparison);
      expect(await registry.promotion('p1')).toEqual(promotion('p1'));
      expect(await registry.promotions('loan-risk')).toEqual([promotion('p1')]);
      expect(await registry.evidence('p1')).toEqual([evidence('security', ['one'])]);
      expect(await registry.approvals('p1')).toEqual([approval('ann')]);
      expect(await registry.deployment('loan-risk')).toEqual(pointer(1));
      expect(await registry.models()).toEqual(['loan-risk']);
    });

    it('takes one commit an attempt: the second writes nothing and answers what the first did', async () => {
      const own = audit('run-1#Step#0#0');
      const first = { audit: own, output: { answer: [1, null] } };
      expect(await commit([{ change: 'record-arrival', arrival: arrival('a') }], first)).toEqual({ committed: true });
      const second = { audit: own, output: 'other', facts: [fact('f')] };
      expect(await commit([{ change: 'record-arrival', arrival: arrival('b') }], second)).toEqual({
        committed: false,
        output: { answer: [1, null] },
      });
      expect(await registry.arrival('loan-risk', 'b')).toBeUndefined();
      expect(await keys()).toEqual(['run-1#Step#0#0']);
    });

    it('knows its own commit even where the conditions of its changes no longer hold', async () => {
      const change: Change = { change: 'open-promotion', promotion: promotion('p1') };
      const own = { audit: audit('run-1#Step#0#0'), output: 'first' };
      await commit([change], own);
      expect(await commit([change], own)).toEqual({ committed: false, output: 'first' });
    });

    it('keeps an output of null', async () => {
      const own = { audit: audit('run-1#Step#0#0'), output: null };
      await commit([], own);
      expect(await commit([], own)).toEqual({ committed: false, output: null });
    });

    it('writes all of a commit or nothing', async () => {
      await commit([{ change: 'open-promotion', promotion: promotion('p1') }]);
      const before = await keys();
      await expect(
        commit(
          [
            { change: 'record-arrival', arrival: arrival('a') },
            { change: 'open-promotion', promotion: promotion('p1') },
          ],
          { facts: [fact('f')] },
        ),
      ).rejects.toMatchObject({ name: 'RegistryConflict', message: expect.stringContaining('p1') });
      expect(await registry.arrival('loan-risk', 'a')).toBeUndefined();
      expect(await keys()).toEqual(before);
    });

    it.each<{ case: string; first: Change; second: Change }>([
      {
        case: 'a version number that is taken',
        first: { change: 'register-version', version: version(1, 'm1') },
        second: { change: 'register-version', version: version(1, 'm2') },
      },
      {
        case: 'a model that is registered under another number',
        first: { change: 'register-version', version: version(1, 'm1') },
        second: { change: 'register-version', version: version(2, 'm1') },
      },
      {
        case: 'a promotion that exists',
        first: { change: 'open-promotion', promotion: promotion('p1') },
        second: { change: 'open-promotion', promotion: promotion('p1', { status: 'rejected' }) },
      },
      {
        case: 'the second decision of a person',
        first: { change: 'put-approval', approval: approval('ann') },
        second: { change: 'put-approval', approval: { ...approval('ann'), decision: 'refused' } },
      },
      {
        case: 'a pointer that is there already',
        first: { change: 'move-pointer', deployment: pointer(1), expectedRevision: 0 },
        second: { change: 'move-pointer', deployment: pointer(1), expectedRevision: 0 },
      },
      {
        case: 'a pointer that was moved since',
        first: { change: 'move-pointer', deployment: pointer(1), expectedRevision: 0 },
        second: { change: 'move-pointer', deployment: pointer(3), expectedRevision: 2 },
      },
      {
        case: 'an update from a status that a promotion has left',
        first: { change: 'open-promotion', promotion: promotion('p1', { status: 'promoted' }) },
        second: { change: 'update-promotion', promotion: promotion('p1'), from: ['running', 'awaiting-approval'] },
      },
      {
        case: 'an update of a promotion that is not there',
        first: { change: 'open-promotion', promotion: promotion('p1') },
        second: { change: 'update-promotion', promotion: promotion('p2'), from: ['running'] },
      },
    ])('refuses $case with RegistryConflict, and keeps what was there', async ({ first, second }) => {
      await commit([first]);
      const there = [
        await registry.modelVersions('loan-risk'),
        await registry.promotion('p1'),
        await registry.promotion('p2'),
        await registry.approvals('p1'),
        await registry.deployment('loan-risk'),
      ];
      await expect(commit([second])).rejects.toMatchObject({ name: 'RegistryConflict' });
      expect([
        await registry.modelVersions('loan-risk'),
        await registry.promotion('p1'),
        await registry.promotion('p2'),
        await registry.approvals('p1'),
        await registry.deployment('loan-risk'),
      ]).toEqual(there);
    });

    it('moves a pointer that is where it was seen', async () => {
      await commit([{ change: 'move-pointer', deployment: pointer(1), expectedRevision: 0 }]);
      await commit([{ change: 'move-pointer', deployment: pointer(2), expectedRevision: 1 }]);
      expect(await registry.deployment('loan-risk')).toEqual(pointer(2));
    });

    it('updates a promotion from any of the statuses that are named', async () => {
      await commit([{ change: 'open-promotion', promotion: promotion('p1', { status: 'awaiting-approval' }) }]);
      const done = promotion('p1', { status: 'rejected', reasons: ['no'] });
      await commit([{ change: 'update-promotion', promotion: done, from: ['running', 'awaiting-approval'] }]);
      expect(await registry.promotion('p1')).toEqual(done);
    });

    it('lets two that race for one thing have one winner', async () => {
      const race = await Promise.allSettled([
        commit([{ change: 'move-pointer', deployment: pointer(1), expectedRevision: 0 }]),
        commit([{ change: 'move-pointer', deployment: pointer(1), expectedRevision: 0 }]),
      ]);
      expect(race.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('finds the newest arrival by when it came, whatever order it was told in, at once', async () => {
      const newer = arrival('a', { arrivedAt: '2026-01-15T10:00:00.000Z' });
      await commit([{ change: 'record-arrival', arrival: newer }]);
      await commit([{ change: 'record-arrival', arrival: arrival('z') }]);
      expect(await registry.latestArrival('loan-risk')).toEqual(newer);
      const started = { ...newer, runId: 'train-1' };
      await commit([{ change: 'record-arrival', arrival: started }]);
      expect(await registry.latestArrival('loan-risk')).toEqual(started);
      expect(await registry.arrival('loan-risk', 'a')).toEqual(started);
    });

    it('keeps the recipes of before beside the current one', async () => {
      await commit([{ change: 'accept-recipe', recipe: recipe('one'), current: true }]);
      await commit([{ change: 'accept-recipe', recipe: recipe('two'), current: true }]);
      await commit([{ change: 'accept-recipe', recipe: recipe('three'), current: false }]);
      expect(await registry.currentRecipe('loan-risk')).toEqual(recipe('two'));
      expect(await registry.recipe('loan-risk', 'one')).toEqual(recipe('one'));
      expect(await registry.recipe('loan-risk', 'three')).toEqual(recipe('three'));
    });

    it('lists versions newest first, past the tenth', async () => {
      for (let number = 1; number <= 11; number++)
        await commit([{ change: 'register-version', version: version(number, `m${number}`) }]);
      expect((await registry.modelVersions('loan-risk')).map((one) => one.version)).toEqual([
        11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
      ]);
    });

    it('keeps one evidence a test: the last', async () => {
      await commit([{ change: 'put-evidence', evidence: evidence('security', ['old']) }]);
      await commit([
        { change: 'put-evidence', evidence: evidence('security') },
        { change: 'put-evidence', evidence: evidence('integration') },
      ]);
      expect(await registry.evidence('p1')).toEqual([evidence('integration'), evidence('security')]);
    });

    it('lists audit events oldest first, by run, by model and of the environment', async () => {
      const late = audit('run-1#B#0#0', { at: '2026-01-15T11:00:00.000Z' });
      const early = audit('run-1#A#0#0');
      const other = audit('run-2#A#0#0', { runId: 'run-2', model: 'other', at: '2026-01-15T10:00:00.000Z' });
      const consumer = audit('on-data#e#succeeded', { runId: null, model: null, at: '2026-01-15T12:00:00.000Z' });
      for (const one of [late, early, other, consumer]) await commit([], { audit: one });
      expect(await registry.auditEvents({ runId: 'run-1' })).toEqual([early, late]);
      expect(await registry.auditEvents({ model: 'other' })).toEqual([other]);
      expect(await registry.auditEvents({ environment: true })).toEqual([early, other, late, consumer]);
    });

    it('writes the lost attempts of others beside its own event', async () => {
      const lost = audit('run-1#Killed#0#0#lost', { state: 'Killed', outcome: 'lost' });
      await commit([], { audit: audit('run-1#ReconcileAudit#0#0'), lost: [lost] });
      expect(await keys()).toEqual(['run-1#Killed#0#0#lost', 'run-1#ReconcileAudit#0#0']);
    });
  });
}
