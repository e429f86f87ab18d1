import type { Sha256 } from '../../domain/content-id.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { ownEnvironment } from '../system/settings.ts';
import { sha256 } from '../system/sha256.ts';
import { systemClock } from '../system/system-clock.ts';
import { ownRegistry } from './registry.ts';

/** What every function that leaves audit events is given. The actor is the function itself, until a step names a person. */
export const ownRecorder = (
  registry: Pick<Registry, 'commit'> = ownRegistry(),
): { registry: Pick<Registry, 'commit'>; clock: Clock; sha256: Sha256; environment: Environment; actor: string } => ({
  registry,
  clock: systemClock,
  sha256,
  environment: ownEnvironment(),
  actor: `function/${process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'unknown'}`,
});
