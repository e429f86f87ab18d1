import { goldenAccess } from '../deployment/golden-access.ts';
import type { AccessNeed } from './access-need.ts';

/**
 * Throws when the deployment did something that `test/deployment/golden-access.json` does not list: the table is what its policies are
 * held to.
 */
export function requireGolden(needs: readonly AccessNeed[]): void {
  const keyOf = ({ who, action, resource, context }: Omit<AccessNeed, 'environment'>) =>
    JSON.stringify([who, action, resource, context]);
  const rows = new Map(goldenAccess().map((row) => [keyOf(row), row.environments]));
  const unlisted = needs.filter((need) => !rows.get(keyOf(need))?.includes(need.environment));
  if (unlisted.length === 0) return;
  throw new Error(
    `The deployment asked for what golden-access.json does not list; look whether it should, then run \`npm run golden-access\`:\n${unlisted
      .map((need) => `${need.environment}: ${keyOf(need)}`)
      .join('\n')}`,
  );
}
