import { type Clock, isoTime } from './ports/clock.ts';
import type { Signer } from './ports/signer.ts';
import type { Evidence, Promotion, TestName } from './promotion.ts';
import { sign } from './signed-evidence.ts';
import type { StepResult } from './step.ts';

export interface TestFindings {
  readonly measurements: Evidence['measurements'];
  /** What is wrong, a sentence each; none when the test passed. */
  readonly findings: readonly string[];
}

/** The longest text of a finding that evidence keeps. */
const LONGEST_FINDING = 500;
const MOST_FINDINGS = 20;

/** The signed evidence of a test, as the result of its step. */
export async function testResult(
  { signer, clock }: { signer: Pick<Signer, 'sign'>; clock: Clock },
  promotion: Promotion,
  modelDigest: string,
  test: TestName,
  { measurements, findings: all }: TestFindings,
): Promise<StepResult<{ verdict: 'passed' | 'failed'; findings: string[] }>> {
  const { promotionId, request } = promotion;
  const { candidateId } = request.candidate;
  const findings = all.slice(0, MOST_FINDINGS).map((finding) => finding.slice(0, LONGEST_FINDING));
  const verdict = findings.length === 0 ? 'passed' : 'failed';
  const at = isoTime(clock);
  const evidence = await sign(signer, {
    promotionId,
    candidateId,
    modelDigest,
    test,
    verdict,
    measurements,
    findings,
    at,
  } as const);
  return {
    output: { verdict, findings },
    verdict,
    model: request.model,
    subjects: { promotionId, candidateId, modelDigest },
    changes: [{ change: 'put-evidence', evidence }],
  };
}
