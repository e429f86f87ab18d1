/** How an evaluation went wrong, before the interpreter says in which state: it puts the state's name and event id before `message`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly error: string;
  /** The field of the state, as `EvaluationFailed` gives it: `Output/result`. */
  readonly location: string | undefined;
  /** The expression gave a value, and the value would not do. */
  readonly afterEntering: boolean;

  constructor(error: string, message: string, location?: string, afterEntering = false) {
    super(message);
    this.error = error;
    this.location = location;
    this.afterEntering = afterEntering;
  }
}

export const runtimeProblem = (message: string): Problem => new Problem('States.Runtime', message);

export const evaluationProblem = (message: string, location?: string): Problem =>
  new Problem('States.QueryEvaluationError', message, location);
