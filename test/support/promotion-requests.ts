import { sha256 } from '../../adapters/system/sha256.ts';
import { type PromotionRequest, requestFor, signedTextOf } from '../../domain/candidate.ts';
import type { Environment } from '../../domain/environment.ts';
import { p256Signer } from './p256-signer.ts';
import { keyArnOf, MODEL } from './world.ts';

const of = (letter: string): string => letter.repeat(64);

/** The request that a registration makes: nothing crosses. */
export const ownRequest = (
  environment: Environment,
  about: { recipeDigest: string; datasetDigest: string; modelDigest: string; version: number },
  approvals = 0,
): PromotionRequest =>
  requestFor(sha256, {
    model: MODEL,
    version: about.version,
    classification: 'internal',
    strategy: 'retrain',
    from: null,
    to: environment,
    metrics: { auc: 0.8 },
    approvals,
    recipeDigest: about.recipeDigest,
    datasetDigest: about.datasetDigest,
    modelDigest: about.modelDigest,
    evidenceDigest: null,
  });

/** A request from dev into acc about made-up digests; `change` what it says, then it is signed by dev. */
export async function signedRequest(
  change: Partial<Parameters<typeof requestFor>[1]> = {},
  signedBy: Environment = 'dev',
): Promise<PromotionRequest> {
  const request = requestFor(sha256, {
    model: MODEL,
    version: 3,
    classification: 'internal',
    strategy: 'retrain',
    from: 'dev',
    to: 'acc',
    metrics: { auc: 0.8 },
    approvals: 0,
    recipeDigest: of('a'),
    datasetDigest: of('b'),
    modelDigest: of('c'),
    evidenceDigest: of('d'),
    ...change,
  });
  return sign(request, signedBy);
}

export const sign = async (request: PromotionRequest, signedBy: Environment): Promise<PromotionRequest> => ({
  ...request,
  signature: await p256Signer(keyArnOf(signedBy)).sign(signedTextOf(request)),
});
