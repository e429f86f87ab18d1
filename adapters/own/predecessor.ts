import { type Environment, predecessorOf } from '../../domain/environment.ts';
import { optionalSetting, ownEnvironment } from '../system/settings.ts';

/** The environment before this one and its account; null in dev. */
export function ownPredecessor(): { readonly environment: Environment; readonly accountId: string } | null {
  const environment = predecessorOf(ownEnvironment());
  const accountId = optionalSetting('SLUICE_PREDECESSOR_ACCOUNT');
  return environment !== null && accountId !== null ? { environment, accountId } : null;
}
