import { execFileSync } from 'node:child_process';

export interface CommitOf {
  readonly commit: string | null;
  /** Why there is none. */
  readonly reason: string | null;
}

/** The commit that a folder's files are of, when all of them are as committed. */
export function gitCommitOf(directory: string): CommitOf {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const commit = git('rev-parse', '--verify', 'HEAD');
    if (git('status', '--porcelain', '--', 'model.yaml', 'training') !== '') {
      return { commit: null, reason: 'the recipe has changes that are not committed' };
    }
    if (git('ls-files', '--', 'model.yaml') === '') return { commit: null, reason: 'model.yaml is not in git' };
    return { commit, reason: null };
  } catch {
    return { commit: null, reason: 'the folder is in no git repository with a commit' };
  }
}
