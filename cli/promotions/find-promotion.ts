import type { Environment } from '../../domain/environment.ts';
import type { Promotion } from '../../domain/promotion.ts';
import { type AnyEnvironmentOptions, type Cli, inEnvironments } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Connection } from '../target/connection.ts';

/** A promotion as it may be shown: the task token opens the waiting state and stays in the registry. */
export type ShownPromotion = Omit<Promotion, 'taskToken'> & { readonly environment: Environment };

export function shown(environment: Environment, { taskToken: _secret, ...promotion }: Promotion): ShownPromotion {
  return { environment, ...promotion };
}

/** Of all models of the environment or of one, newest first. */
export async function promotionsOf(connection: Connection, model?: string): Promise<ShownPromotion[]> {
  const models = model === undefined ? await connection.registry.models() : [model];
  const lists = await Promise.all(models.map((one) => connection.registry.promotions(one)));
  return newest(lists.flat().map((promotion) => shown(connection.environment, promotion)));
}

export const newest = (promotions: readonly ShownPromotion[]): ShownPromotion[] =>
  [...promotions].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));

/** The promotion of that id; `latest` is the newest that waits for people. Throws Failure when there is none. */
export async function findPromotion(
  cli: Cli,
  options: AnyEnvironmentOptions,
  promotionId: string,
  role: string,
): Promise<ShownPromotion> {
  const find = async (connection: Connection): Promise<ShownPromotion | undefined> => {
    if (promotionId === 'latest') {
      return (await promotionsOf(connection)).find((promotion) => promotion.status === 'awaiting-approval');
    }
    const promotion = await connection.registry.promotion(promotionId);
    return promotion && shown(connection.environment, promotion);
  };
  const [found] = newest((await inEnvironments(cli, options, find, role)).filter((one) => one !== undefined));
  if (found) return found;
  const where = options.env ?? 'any environment';
  throw new Failure(
    exitCodes.notFound,
    promotionId === 'latest'
      ? `No promotion waits for an approval in ${where}`
      : `There is no promotion ${promotionId} in ${where}`,
    { hint: 'list them with `sluice promotions`' },
  );
}
