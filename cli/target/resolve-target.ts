import type { Environment } from '../../domain/environment.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { RuntimeHome } from './runtime-home.ts';

export interface TargetOptions {
  readonly env: Environment;
  /** As given with `--profile`. */
  readonly profile?: string | undefined;
}

/** Which environment a command talks to, as whom, and where it is. */
export type Target =
  | { readonly place: 'local'; readonly environment: Environment; readonly profile: string; readonly home: RuntimeHome }
  /** `profile` null: whatever credentials the AWS chain finds. */
  | { readonly place: 'aws'; readonly environment: Environment; readonly profile: string | null };

/**
 * Decides between the local runtime and AWS, without asking either.
 *
 * - `SLUICE_AWS=1`: AWS, with `--profile`, or AWS_PROFILE, or whatever the AWS chain has.
 * - a profile that the local runtime wrote (`sluice-dev`, `sluice-prd-approver` …; without `--profile` it is
 *   `sluice-<env>`, or `sluice-<env>-<role>` for a command that needs a role): the local runtime.
 * - any other profile: AWS.
 */
export function resolveTarget(
  { env, profile }: TargetOptions,
  {
    variables,
    home,
    role = null,
  }: { variables: NodeJS.ProcessEnv; home: RuntimeHome | undefined; role?: string | null },
): Target {
  if (variables.SLUICE_AWS && variables.SLUICE_AWS !== '0') {
    return { place: 'aws', environment: env, profile: profile ?? variables.AWS_PROFILE ?? null };
  }
  const wanted = profile ?? (role ? `sluice-${env}-${role}` : `sluice-${env}`);
  if (home?.profiles.includes(wanted)) return { place: 'local', environment: env, profile: wanted, home };
  if (profile !== undefined) return { place: 'aws', environment: env, profile };
  if (home) {
    throw new Failure(exitCodes.unreachable, `The local runtime in ${home.directory} has no profile ${wanted}`, {
      hint: `it has ${home.profiles.join(', ') || 'none'}; name one with \`--profile\`, or run \`npx sluice up\` to deploy again`,
    });
  }
  throw new Failure(exitCodes.unreachable, `There is no local runtime, and no AWS profile was named for ${env}`, {
    hint: 'run `npm start` (or `npx sluice up`) for the local environments; for AWS give `--profile NAME`, or set SLUICE_AWS=1',
  });
}
