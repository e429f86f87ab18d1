import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { sha256 } from '../../adapters/system/sha256.ts';
import { listRuns } from '../../cli/runs/list-runs.ts';
import type { Connection } from '../../cli/target/connection.ts';
import { sealRecipe } from '../../contracts/recipe/recipe-bundle.ts';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import { type Environment, environments } from '../../domain/environment.ts';
import { TINY_MODEL, tinyCsv, tinyModelYaml } from '../support/tiny-model.ts';
import { patiently } from './patiently.ts';

/** The tiny model, with a person's yes in PRD. */
export const APPROVED_MODEL_YAML = tinyModelYaml().replace('prd: { approvals: 0', 'prd: { approvals: 1');

/** An object whose upload was acknowledged. */
export interface Acknowledged {
  readonly connection: Connection;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly content: string;
}

/**
 * Writes an object once, over a connection that may break: where the answer is lost, the next try is told that it is there
 * already, which is what the lost answer said.
 */
async function putOnce(connection: Connection, bucket: string, key: string, content: string): Promise<Acknowledged> {
  const versionId = await patiently(`the upload of ${key}`, async () => {
    try {
      const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: content, IfNoneMatch: '*' });
      return (await connection.s3.send(put)).VersionId;
    } catch (error) {
      if ((error as Error).name !== 'PreconditionFailed') throw error;
      return (await connection.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).VersionId;
    }
  });
  return { connection, bucket, key, versionId, content };
}

/** What of it cannot be read any more, by version and byte for byte. */
export async function lostUploads(uploads: readonly Acknowledged[]): Promise<string[]> {
  const lost: string[] = [];
  for (const { connection, bucket, key, versionId, content } of uploads) {
    const get = new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
    const read = await connection.s3.send(get).then(
      ({ Body }) => Body?.transformToString(),
      (error: unknown) => String(error),
    );
    if (read !== content) lost.push(`${key} ${versionId} in ${connection.environment}: ${read?.slice(0, 200)}`);
  }
  return lost;
}

/**
 * The clients of a whole run: data to ACC and PRD, a recipe and data to DEV, and a yes in PRD; each repeated until it is acknowledged.
 * Resolves when PRD serves and nothing is under way.
 */
export async function uploadToPrd(
  connection: Readonly<Record<Environment, Connection>>,
  approver: Connection,
): Promise<readonly Acknowledged[]> {
  const { dev, acc, prd } = connection;
  const uploads: Acknowledged[] = [];
  const upload = async (to: Connection, seed: number) => {
    uploads.push(await putOnce(to, to.names.dataBucket, `${TINY_MODEL}/data.csv`, tinyCsv(seed)));
    await patiently(`the arrival in ${to.environment}`, () => to.registry.latestArrival(TINY_MODEL));
  };
  await Promise.all([upload(acc, 2), upload(prd, 3)]);
  const { recipeDigest, text } = sealRecipe(
    { kind: 'sluice.recipe/1', model: TINY_MODEL, files: { 'model.yaml': APPROVED_MODEL_YAML }, commit: null },
    sha256,
  );
  uploads.push(await putOnce(dev, dev.names.artifactsBucket, artifactKeys.incoming(TINY_MODEL, recipeDigest), text));
  await patiently('the recipe in DEV', () => dev.registry.currentRecipe(TINY_MODEL));
  await upload(dev, 1);
  await approveInPrd(prd, approver);
  await patiently('a champion in PRD, and the end of every run', async () => {
    const open = await Promise.all(
      environments.map((env) => listRuns(connection[env], { status: 'running', limit: 1 }, Date.now())),
    );
    const champion = (await prd.registry.deployment(TINY_MODEL))?.champion;
    return champion && open.every((runs) => runs.length === 0) ? champion : undefined;
  });
  return uploads;
}

/** Says yes as often as it takes to be heard: a person who got no answer asks again. */
const approveInPrd = (prd: Connection, approver: Connection): Promise<true> =>
  patiently('the approval in PRD', async () => {
    const [promotion] = await prd.registry.promotions(TINY_MODEL);
    if (promotion?.status === 'promoted') return true;
    if (promotion?.status === 'rejected') throw new Error(`PRD rejected it: ${promotion.reasons.join('; ')}`);
    if (promotion?.status !== 'awaiting-approval') return undefined;
    const { promotionId, request } = promotion;
    const yes = { promotionId, candidateId: request.candidate.candidateId, decision: 'approved', comment: 'reviewed' };
    const { status, text } = await approver.postToFunction('record-approval', yes);
    if (status !== 200) throw new Error(`record-approval answered ${status}: ${text}`);
    return true;
  });
