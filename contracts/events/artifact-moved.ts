import * as v from 'valibot';
import * as s from '../shapes.ts';

/** A recipe or a package crossed the border into this environment: the movement as it was authorised and verified. */
export const artifactMoved = {
  type: 'Artifact Moved',
  version: 1,
  data: v.strictObject({
    promotionId: s.id,
    model: s.modelName,
    candidateId: s.id,
    from: s.environment,
    to: s.environment,
    strategy: s.strategy,
    classification: s.classification,
    objects: v.array(v.strictObject({ key: v.string(), sha256: s.digest, bytes: s.count })),
  }),
} as const;
