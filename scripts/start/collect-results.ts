import { listRuns } from '../../cli/runs/list-runs.ts';
import type { Connection } from '../../cli/target/connection.ts';
import type { EnvironmentResult } from './summary.ts';

const MOST_RUNS = 100;

/** What an environment has made of a model, as its registry says it. */
export async function collectResult(connection: Connection, model: string): Promise<EnvironmentResult> {
  const { registry, environment } = connection;
  const [deployment, versions, promotions, audit, runs] = await Promise.all([
    registry.deployment(model),
    registry.modelVersions(model),
    registry.promotions(model),
    registry.auditEvents({ environment: true }),
    listRuns(connection, { model, limit: MOST_RUNS }, Date.now()),
  ]);
  const champion = deployment?.champion ?? null;
  const version = versions.find((one) => one.modelDigest === champion?.modelDigest);
  const dataset = version && (await registry.dataset(model, version.datasetDigest));
  const promotion = promotions.find((one) => one.promotionId === champion?.promotionId) ?? promotions[0];
  const own = audit.filter(
    (event) => event.runId !== null && (event.runId === version?.runId || event.runId === promotion?.runId),
  );
  const began = own.map((event) => Date.parse(event.at) - event.durationMs);
  return {
    environment,
    version: champion?.version ?? null,
    modelDigest: champion?.modelDigest ?? null,
    algorithm: version?.algorithm ?? null,
    metrics: version?.evaluation.metrics ?? {},
    datasetDigest: version?.datasetDigest ?? null,
    rows: dataset?.rows ?? null,
    gates: promotion?.gates ?? [],
    durationMs: champion && began.length > 0 ? Date.parse(champion.since) - Math.min(...began) : null,
    auditEvents: audit.length,
    lost: audit.filter((event) => event.outcome === 'lost').length,
    unreconciledRuns: runs
      .map((run) => run.runId)
      .filter(
        (runId) =>
          !audit.some(
            (event) => event.runId === runId && event.state === 'ReconcileAudit' && event.verdict === 'complete',
          ),
      ),
  };
}
