/** A key that was given a version; 0 where it was deleted. */
export interface Change {
  readonly key: string;
  readonly version: number;
}

/** What is wrong with what a stream told: each acknowledged change at least once, and those of a key in order when they are told first. */
export function problemsOfChanges(acknowledged: readonly Change[], told: readonly Change[]): string[] {
  const problems: string[] = [];
  const heard = new Set<string>();
  const latest = new Map<string, number>();
  for (const { key, version } of told) {
    if (version === 0 || heard.has(`${key} ${version}`)) continue;
    heard.add(`${key} ${version}`);
    const before = latest.get(key) ?? 0;
    if (version < before) problems.push(`the stream told ${key} ${version} after ${before}`);
    latest.set(key, Math.max(before, version));
  }
  for (const { key, version } of acknowledged)
    if (!heard.has(`${key} ${version}`)) problems.push(`the stream never told ${key} ${version}`);
  return problems;
}
