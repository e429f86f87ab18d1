import { type Answer, type ModelBucket, type Request, type Step, stepsOf } from './test-bucket-model.ts';

/** A request that ran beside others. Without an answer it was interrupted: it may have happened, or not. */
export interface Observed {
  readonly request: Request;
  readonly answer: Answer | undefined;
}

interface Running {
  readonly steps: readonly Step[];
  readonly answer: Answer | undefined;
  readonly carried: string | undefined;
}

/**
 * For tests: every state that a bucket can be in after requests that ran at the same time, each step of which happened at
 * one moment and answered as it was observed. None at all: what was observed cannot be.
 */
export function possibleStates(before: ModelBucket, observed: readonly Observed[]): readonly ModelBucket[] {
  const found: ModelBucket[] = [];
  const explore = (state: ModelBucket, left: readonly Running[]): void => {
    if (left.every(({ answer }) => answer === undefined)) found.push(state);
    for (const [at, running] of left.entries()) {
      const [step, ...steps] = running.steps;
      if (!step) continue;
      const result = step(state, running.carried);
      const others = left.filter((_other, index) => index !== at);
      if (result.answer === undefined) {
        explore(result.state, [...others, { ...running, steps, carried: result.carried }]);
      } else if (running.answer === undefined || running.answer === result.answer) {
        explore(result.state, others);
      }
    }
  };
  explore(
    before,
    observed.map(({ request, answer }) => ({ steps: stepsOf(request), answer, carried: undefined })),
  );
  return found;
}
