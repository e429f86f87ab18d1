import type { PromotionRequest } from './candidate.ts';
import type { Digest } from './content-id.ts';
import type { GateResult } from './gates.ts';
import type { Metrics } from './model-version.ts';
import type { Signature } from './signature.ts';

/** Moving a candidate into an environment, as that environment's registry knows it. */
export interface Promotion {
  readonly promotionId: string;
  readonly request: PromotionRequest;
  readonly runId: string;
  readonly status: 'running' | 'awaiting-approval' | 'promoted' | 'rejected';
  readonly approvalsRequired: number;
  /** While it waits for people. Opens the waiting state and nothing else; never leaves the registry. */
  readonly taskToken: string | null;
  readonly gates: readonly GateResult[];
  readonly reasons: readonly string[];
  /** The version that was tested here: with `retrain` another one than the request's. */
  readonly modelDigest: Digest | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

/** A named person's yes or no to one candidate in one environment. */
export interface Approval {
  readonly promotionId: string;
  readonly candidateId: string;
  readonly decision: 'approved' | 'refused';
  /** The ARN that signed the request to record it. */
  readonly by: string;
  readonly comment: string;
  readonly at: string;
  readonly signature: Signature;
}

/** Why a promotion ends: who said no, in whose words. */
export const refusalOf = ({ by, comment }: Pick<Approval, 'by' | 'comment'>): string =>
  `${by} refused: ${comment || 'no comment given'}`;

export const tests = ['integration', 'performance', 'security'] as const;
export type TestName = (typeof tests)[number];

/** The signed result of one test on one candidate. */
export interface Evidence {
  readonly promotionId: string;
  readonly candidateId: string;
  readonly modelDigest: Digest;
  readonly test: TestName;
  readonly verdict: 'passed' | 'failed';
  readonly measurements: Metrics;
  readonly findings: readonly string[];
  readonly at: string;
  /** Over the canonical JSON of the evidence without it. */
  readonly signature: Signature;
}
