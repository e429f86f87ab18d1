import type { Change, ChangeAction } from '../local/deploy/deploy-stack.ts';
import type { Stage } from './package-deployment.ts';

/** What a deployment did to one resource of an environment. */
export interface StageChange extends Change {
  readonly environment: Stage;
}

const MOST_LINES = 10;
const ACTIONS: readonly ChangeAction[] = ['created', 'updated', 'replaced', 'deleted', 'retained'];

/** What a deployment changed, in few lines: each resource by name, or how many where they are many. */
export function toldChanges(stage: Stage, changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return [`${stage} is as before`];
  if (changes.length <= MOST_LINES) {
    return changes.map(({ logicalId, type, action }) => `${stage}: ${action} ${logicalId} (${type})`);
  }
  const counts = ACTIONS.map(
    (action) => [action, changes.filter((change) => change.action === action).length] as const,
  );
  const told = counts.filter(([, count]) => count > 0).map(([action, count]) => `${count} ${action}`);
  return [`${stage}: ${told.join(', ')}`];
}
