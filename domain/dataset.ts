import type { Classification } from './classification.ts';
import { contentId, type Digest, digestOf, type Sha256 } from './content-id.ts';
import type { Violation } from './data-contract/data-report.ts';

/** One version of one object in an environment's data bucket. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
}

/** An object version whose bytes were read and digested. */
export interface PinnedObject extends ObjectVersion {
  readonly sha256: Digest;
  readonly bytes: number;
}

/** Data of a model that came in: what one upload (a file, or a manifest and the files it names) brought. */
export interface Arrival {
  readonly arrivalId: string;
  readonly model: string;
  readonly objects: readonly ObjectVersion[];
  /** The run that it started; null while the environment has no recipe for the model. */
  readonly runId: string | null;
  /** The recipe that was current when that run was started; null where there is none. */
  readonly recipeDigest: Digest | null;
  readonly arrivedAt: string;
}

/** An immutable snapshot of arrived objects. Its id is the digest of their contents, so the same bytes are the same version. */
export interface DatasetVersion {
  readonly model: string;
  readonly datasetDigest: Digest;
  readonly objects: readonly PinnedObject[];
  readonly bytes: number;
  readonly arrivalId: string;
  readonly snapshotAt: string;
  readonly verdict: 'snapshotted' | 'accepted' | 'rejected';
  readonly rows: number | null;
  readonly columns: readonly string[] | null;
  readonly classification: Classification | null;
  readonly violations: readonly Violation[];
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The id of an arrival: the object versions that it brought, in any order. */
export const arrivalIdOf = (sha256: Sha256, model: string, objects: readonly ObjectVersion[]): string =>
  contentId(sha256, 'arrival', {
    model,
    objects: objects
      .map(({ key, versionId }) => ({ key, versionId }))
      .sort((a, b) => byText(a.key, b.key) || byText(a.versionId, b.versionId)),
  });

/** The id of a dataset version: the contents of its objects, in any order, whatever their keys. */
export const datasetDigestOf = (
  sha256: Sha256,
  model: string,
  objects: readonly { readonly sha256: Digest; readonly bytes: number }[],
): Digest =>
  digestOf(sha256, {
    kind: 'sluice.dataset/1',
    model,
    objects: objects
      .map((object) => ({ sha256: object.sha256, bytes: object.bytes }))
      .sort((a, b) => byText(a.sha256, b.sha256) || a.bytes - b.bytes),
  });
