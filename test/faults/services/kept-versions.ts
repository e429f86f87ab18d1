/** A version that was written: an object by its ETag, or a delete marker, which has none. The id is what was answered, if it was. */
export interface WrittenVersion {
  readonly etag: string | undefined;
  readonly versionId: string | undefined;
  /** What became of its removal by id, when there was one. */
  removal?: 'acknowledged' | 'unknown';
}

export interface ListedVersion {
  readonly etag: string | undefined;
  readonly versionId: string;
}

/**
 * What is wrong with a key's versions, oldest first: each acknowledged one is listed once and in its place, one whose answer was lost may be,
 * and one that was removed is not. Every object has an ETag of its own.
 */
export function problemsOfVersions(
  key: string,
  written: readonly WrittenVersion[],
  listed: readonly ListedVersion[],
): string[] {
  const problems: string[] = [];
  let at = 0;
  for (const [place, version] of written.entries()) {
    const next = listed[at];
    const isIt =
      next !== undefined &&
      next.etag === version.etag &&
      (version.versionId === undefined ? !isLater(next, written, place) : next.versionId === version.versionId);
    if (isIt) {
      at++;
      if (version.removal === 'acknowledged')
        problems.push(`${key}: version ${next.versionId} was removed, and is listed`);
    } else if (version.versionId !== undefined && version.removal === undefined) {
      problems.push(`${key}: version ${version.versionId} (${version.etag ?? 'a delete marker'}) is not in its place`);
    }
  }
  for (const { versionId, etag } of listed.slice(at))
    problems.push(
      `${key}: version ${versionId} (${etag ?? 'a delete marker'}) is listed, and was not written or is listed twice`,
    );
  return problems;
}

/** A listed delete marker can be that of a later request whose answer told its id. */
const isLater = ({ versionId }: ListedVersion, written: readonly WrittenVersion[], place: number): boolean =>
  written.slice(place + 1).some((later) => later.versionId === versionId);
