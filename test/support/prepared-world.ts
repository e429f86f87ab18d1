import { dirname } from 'node:path';
import type { Deployment } from '../../domain/model-version.ts';
import { eventually } from './eventually.ts';
import { type LocalWorld, startLocalWorld } from './local-world.ts';
import { TINY_MODEL, tinyCsv, tinyModelYaml } from './tiny-model.ts';

/** A world in which DEV serves a version of the tiny model, so that there is a champion to leave untouched. */
export async function startPreparedWorld(): Promise<LocalWorld> {
  const world = await startLocalWorld();
  await publishTinyModel(world, tinyModelYaml());
  const upload = await world.sluice(
    'upload',
    world.file('first.csv', tinyCsv(1)),
    '--model',
    TINY_MODEL,
    '--env',
    'dev',
    '--wait',
  );
  if (upload.exitCode !== 0) throw new Error(`the first training failed: ${upload.out} ${upload.err}`);
  await championOfDev(world);
  return world;
}

export async function publishTinyModel(world: LocalWorld, yaml: string): Promise<string> {
  const file = world.file('model.yaml', yaml);
  const published = await world.sluice('publish', dirname(file), '--env', 'dev', '--json');
  if (published.exitCode !== 0) throw new Error(published.err);
  return published.json<{ recipeDigest: string }>().recipeDigest;
}

/** The deployment of the tiny model when each version that was registered has been promoted or rejected, and nothing runs. */
export const championOfDev = (world: LocalWorld): Promise<Deployment> =>
  eventually('a champion in DEV, and quiet', async () => {
    const { registry } = world.connection.dev;
    if (!(await world.isQuiet('dev'))) return undefined;
    const [deployment, versions, promotions] = await Promise.all([
      registry.deployment(TINY_MODEL),
      registry.modelVersions(TINY_MODEL),
      registry.promotions(TINY_MODEL),
    ]);
    const judged = promotions.filter((one) => one.endedAt !== null).map((one) => one.request.candidate.modelDigest);
    return deployment?.champion && versions.every((one) => judged.includes(one.modelDigest)) ? deployment : undefined;
  });
