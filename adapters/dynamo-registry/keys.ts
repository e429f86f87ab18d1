import type { AuditEvent } from '../../domain/audit-event.ts';

/** The single table's keys. Numbers in sort keys are padded, so that they sort. */
const padded = (n: number) => String(n).padStart(10, '0');

const model = (name: string) => `MODEL#${name}`;
const promotion = (promotionId: string) => `PROMOTION#${promotionId}`;

export const keys = {
  model: (name: string) => ({ pk: model(name), sk: 'MODEL' }),
  arrival: (name: string, arrivalId: string) => ({ pk: model(name), sk: `ARRIVAL#${arrivalId}` }),
  /** Again, by time, in the model's own partition: an index would be read too late to find what was just written. */
  arrived: (name: string, arrivedAt: string, arrivalId: string) => ({
    pk: model(name),
    sk: `ARRIVED#${arrivedAt}#${arrivalId}`,
  }),
  recipe: (name: string, digest: string) => ({ pk: model(name), sk: `RECIPE#${digest}` }),
  currentRecipe: (name: string) => ({ pk: model(name), sk: 'CURRENT_RECIPE' }),
  dataset: (name: string, digest: string) => ({ pk: model(name), sk: `DATASET#${digest}` }),
  version: (name: string, version: number) => ({ pk: model(name), sk: `VERSION#${padded(version)}` }),
  versionDigest: (name: string, digest: string) => ({ pk: model(name), sk: `DIGEST#${digest}` }),
  comparison: (name: string, digest: string) => ({ pk: model(name), sk: `COMPARISON#${digest}` }),
  deployment: (name: string) => ({ pk: model(name), sk: 'DEPLOYMENT' }),
  promotion: (promotionId: string) => ({ pk: promotion(promotionId), sk: 'PROMOTION' }),
  evidence: (promotionId: string, test: string) => ({ pk: promotion(promotionId), sk: `EVIDENCE#${test}` }),
  approval: (promotionId: string, by: string) => ({ pk: promotion(promotionId), sk: `APPROVAL#${by}` }),
  outbox: (factId: string) => ({ pk: `OUTBOX#${factId}`, sk: 'FACT' }),
  /** Of a run where there is one: the reconciler reads a run's events from one partition, consistently. */
  audit: (event: AuditEvent) => ({ pk: `AUDIT#${event.runId ?? event.function}`, sk: event.key }),
} as const;

/** Partitions of the indexes. */
export const indexes = {
  models: 'MODELS',
  promotions: (name: string) => `PROMOTIONS#${name}`,
  auditOfModel: (name: string) => `AUDIT#${name}`,
  audit: 'AUDIT',
  facts: 'FACTS',
} as const;
