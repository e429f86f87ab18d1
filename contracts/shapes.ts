import * as v from 'valibot';
import { strategies } from '../domain/candidate.ts';
import { classifications } from '../domain/classification.ts';
import { environments } from '../domain/environment.ts';

/** The shapes that events and steps share. Strict: a member that nobody knows is an error, not a guess. */
export const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 characters of lower-case hex'));
export const environment = v.picklist(environments);
export const classification = v.picklist(classifications);
export const strategy = v.picklist(strategies);
export const modelName = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]{1,38}[a-z0-9]$/, 'must be 3 to 40 characters of a-z, 0-9 and "-"'),
);
export const time = v.pipe(v.string(), v.isoTimestamp());
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const id = v.pipe(v.string(), v.minLength(1), v.maxLength(200));
/** Values by name. `v.record` alone takes a list as well, by its indices. */
export const byName = <Value extends v.GenericSchema>(value: Value) =>
  v.pipe(
    v.unknown(),
    v.check((input) => !Array.isArray(input), 'must be an object'),
    v.record(v.string(), value),
  );
export const metrics = byName(v.number());

export const objectVersion = v.strictObject({ key: v.pipe(v.string(), v.minLength(1)), versionId: v.string() });
export const pinnedObject = v.strictObject({ ...objectVersion.entries, sha256: digest, bytes: count });

export const violation = v.strictObject({
  rule: v.string(),
  column: v.nullable(v.string()),
  count,
  /** The first few, counted from 1 after the header. No value of the data. */
  rows: v.array(v.strictObject({ row: count, found: v.optional(v.string()) })),
  message: v.string(),
});

export const signature = v.strictObject({
  keyArn: v.string(),
  algorithm: v.literal('ECDSA_SHA_256'),
  // A pattern, and not v.base64(): JSON Schema has only a remark for that, which no validator checks.
  value: v.pipe(
    v.string(),
    v.regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'must be base64'),
  ),
});

export const candidate = v.strictObject({
  candidateId: id,
  recipeDigest: digest,
  datasetDigest: digest,
  modelDigest: digest,
  evidenceDigest: v.nullable(digest),
});

export const promotionRequest = v.strictObject({
  model: modelName,
  candidate,
  version: count,
  classification,
  strategy,
  from: v.nullable(environment),
  to: environment,
  metrics,
  approvals: count,
  signature: v.nullable(signature),
});

export const trigger = v.variant('kind', [
  v.strictObject({ kind: v.literal('data'), arrivalId: id }),
  v.strictObject({ kind: v.literal('code'), recipeDigest: digest }),
  v.strictObject({ kind: v.literal('promotion'), promotionId: id }),
  v.strictObject({ kind: v.literal('registration'), runId: id }),
  v.strictObject({ kind: v.literal('request'), from: environment, eventId: id }),
]);

export const replay = v.strictObject({ of: id, by: v.string(), number: v.pipe(count, v.minValue(1)) });

export const gateResult = v.strictObject({
  gate: v.string(),
  verdict: v.picklist(['passed', 'held']),
  required: v.string(),
  actual: v.string(),
});

export const auditEvent = v.strictObject({
  key: id,
  environment,
  function: v.string(),
  runId: v.nullable(v.string()),
  machine: v.nullable(v.string()),
  state: v.nullable(v.string()),
  attempt: count,
  redrive: count,
  outcome: v.picklist(['succeeded', 'failed', 'lost']),
  verdict: v.nullable(v.string()),
  error: v.nullable(v.strictObject({ name: v.string(), message: v.string() })),
  model: v.nullable(v.string()),
  subjects: byName(v.string()),
  actor: v.string(),
  at: time,
  durationMs: v.pipe(v.number(), v.minValue(0)),
});
