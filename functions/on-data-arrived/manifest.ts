import * as v from 'valibot';
import { fact } from '../../contracts/events/fact.ts';
import type { ObjectVersion } from '../../domain/dataset.ts';
import { ArtifactInvalid, ObjectMissing } from '../../domain/errors.ts';
import type { ObjectLocation, ObjectStore } from '../../domain/ports/object-store.ts';
import type { FactDraft } from '../../domain/step.ts';

/** Data in several objects: `<model>/….manifest.json` names them, in order; it is uploaded last. */
export const isManifestKey = (key: string): boolean => key.endsWith('.manifest.json');

const LARGEST_MANIFEST = 1_000_000;
const MOST_OBJECTS = 1_000;

const manifest = v.strictObject({
  objects: v.pipe(
    v.array(v.strictObject({ key: v.pipe(v.string(), v.minLength(1)), versionId: v.optional(v.string()) })),
    v.minLength(1, 'must name at least one object'),
    v.maxLength(MOST_OBJECTS, `must name at most ${MOST_OBJECTS} objects`),
  ),
});

/** Why a manifest cannot be used, and the fact that says so. */
export interface ManifestProblem {
  readonly problem: string;
  readonly fact: (model: string, at: ObjectVersion) => FactDraft;
}

const problemOf = (problem: string): ManifestProblem => ({
  problem,
  fact: (model, { key, versionId }) =>
    fact('Dataset Rejected', {
      model,
      datasetDigest: null,
      objects: [{ key, versionId }],
      violations: [{ rule: 'manifest', column: null, count: 1, rows: [], message: `${key}: ${problem}` }],
    }),
});

function parse(bytes: Uint8Array): v.InferOutput<typeof manifest> | string {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return `it is not JSON: ${(error as Error).message}`;
  }
  const parsed = v.safeParse(manifest, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  return `${v.getDotPath(issue) ?? 'it'}: ${issue.message}; a manifest is {"objects": [{"key": "<model>/…"}]}`;
}

/** The objects that a manifest names, each with the version that it names or the current one. All must be of the same model. */
export async function readManifest(
  objects: Pick<ObjectStore, 'read' | 'head'>,
  location: ObjectLocation,
  model: string,
): Promise<readonly ObjectVersion[] | ManifestProblem> {
  try {
    const parsed = parse(await objects.read(location, LARGEST_MANIFEST));
    if (typeof parsed === 'string') return problemOf(parsed);
    const named: ObjectVersion[] = [];
    for (const { key, versionId } of parsed.objects) {
      if (!key.startsWith(`${model}/`))
        return problemOf(`"${key}" is not of the model "${model}": its key must begin with "${model}/"`);
      const version = versionId ?? (await objects.head({ bucket: location.bucket, key })).versionId;
      named.push({ key, versionId: version });
    }
    return named;
  } catch (error) {
    if (error instanceof ObjectMissing || error instanceof ArtifactInvalid) return problemOf(error.message);
    throw error;
  }
}
