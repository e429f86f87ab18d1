import { canonicalJson } from './canonical-json.ts';
import type { Classification } from './classification.ts';
import { contentId, type Digest, type Sha256 } from './content-id.ts';
import type { Environment } from './environment.ts';
import type { Metrics } from './model-version.ts';
import type { Signature } from './signature.ts';

/** What is offered for promotion. Its id is the digest of the other four. */
export interface Candidate {
  readonly candidateId: string;
  readonly recipeDigest: Digest;
  readonly datasetDigest: Digest;
  readonly modelDigest: Digest;
  /** SHA-256 over the evidence of the environment that offers it; null for what was only just registered. */
  readonly evidenceDigest: Digest | null;
}

export const strategies = ['retrain', 'copy'] as const;
/** `retrain`: the recipe crosses. `copy`: the artifact crosses. */
export type Strategy = (typeof strategies)[number];

/** The request to take a candidate into an environment. Signed by the environment that asks, unless it asks itself. */
export interface PromotionRequest {
  readonly model: string;
  readonly candidate: Candidate;
  /** The version number in the environment that asks. */
  readonly version: number;
  readonly classification: Classification;
  readonly strategy: Strategy;
  /** Null: registered here, nothing crosses. */
  readonly from: Environment | null;
  readonly to: Environment;
  readonly metrics: Metrics;
  /** How many people must approve in `to`, as the recipe says. JudgeGates asks the recipe itself again. */
  readonly approvals: number;
  /** Null only where `from` is null. Over the canonical JSON of the request without it. */
  readonly signature: Signature | null;
}

export const candidateIdOf = (sha256: Sha256, parts: Omit<Candidate, 'candidateId'>): string =>
  contentId(sha256, 'candidate', {
    recipeDigest: parts.recipeDigest,
    datasetDigest: parts.datasetDigest,
    modelDigest: parts.modelDigest,
    evidenceDigest: parts.evidenceDigest,
  });

/**
 * One promotion per decision: the request as it was signed, and the run that registered the version where nothing crosses.
 * A replay on purpose is another promotion. It is the name of the promotion's run as well.
 */
export const promotionIdOf = (
  sha256: Sha256,
  request: PromotionRequest,
  registeredByRun: string | null,
  replayNumber = 0,
): string => contentId(sha256, 'promotion', { request, registeredByRun, replayNumber });

/** The request that asks for this version. `to` its own environment and `from` null: nothing crosses, nothing is signed. */
export const requestFor = (
  sha256: Sha256,
  of: Omit<PromotionRequest, 'candidate' | 'signature'> & Omit<Candidate, 'candidateId'>,
): PromotionRequest => {
  const { recipeDigest, datasetDigest, modelDigest, evidenceDigest, ...rest } = of;
  const parts = { recipeDigest, datasetDigest, modelDigest, evidenceDigest };
  return { ...rest, candidate: { candidateId: candidateIdOf(sha256, parts), ...parts }, signature: null };
};

/** What the environment that asks signs: the whole request but the signature. */
export const signedTextOf = (request: PromotionRequest): string => canonicalJson({ ...request, signature: null });
