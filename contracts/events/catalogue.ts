import * as v from 'valibot';
import type { Fact } from '../../domain/fact.ts';
import * as s from '../shapes.ts';
import { approvalRequested } from './approval-requested.ts';
import { artifactMoved } from './artifact-moved.ts';
import { auditRecorded } from './audit-recorded.ts';
import { datasetAccepted } from './dataset-accepted.ts';
import { datasetRejected } from './dataset-rejected.ts';
import { deploymentRolledBack } from './deployment-rolled-back.ts';
import { modelPromoted } from './model-promoted.ts';
import { modelRegistered } from './model-registered.ts';
import { modelTrained } from './model-trained.ts';
import { promotionApproved } from './promotion-approved.ts';
import { promotionRejected } from './promotion-rejected.ts';
import { promotionRequested } from './promotion-requested.ts';
import { recipeAccepted } from './recipe-accepted.ts';
import { recipeRejected } from './recipe-rejected.ts';
import { trainingRejected } from './training-rejected.ts';

/** Every fact that an environment tells, in the order in which a model meets them. */
export const events = [
  datasetAccepted,
  datasetRejected,
  recipeAccepted,
  recipeRejected,
  modelTrained,
  trainingRejected,
  modelRegistered,
  promotionRequested,
  approvalRequested,
  promotionApproved,
  promotionRejected,
  artifactMoved,
  modelPromoted,
  deploymentRolledBack,
  auditRecorded,
] as const;

export type EventType = (typeof events)[number]['type'];

/** What the `data` of a fact of this type is. */
export type EventData<T extends EventType> = v.InferOutput<Extract<(typeof events)[number], { type: T }>['data']>;

const byType = new Map<string, (typeof events)[number]>(events.map((event) => [event.type, event]));

/** The `detail` of an event on the bus. `source` is `sluice` and the detail-type is the fact's type. */
export const detailSchema = (type: EventType) =>
  v.strictObject({
    metadata: v.strictObject({
      id: s.id,
      version: v.literal((byType.get(type) as (typeof events)[number]).version),
      environment: s.environment,
      at: s.time,
      runId: v.nullable(v.string()),
    }),
    data: (byType.get(type) as (typeof events)[number]).data,
  });

/** The detail of a fact, checked against its contract: a fact that breaks it is a defect here, not news for subscribers. */
export function detailOf(fact: Fact): unknown {
  if (!byType.has(fact.type)) throw new TypeError(`no event contract is named "${fact.type}"`);
  const { id, version, environment, at, runId, data } = fact;
  return v.parse(detailSchema(fact.type as EventType), { metadata: { id, version, environment, at, runId }, data });
}
