/** Why a pattern is none. `offset` is where in its text, when the reason belongs to a place. */
export class PatternProblem extends Error {
  override readonly name = 'PatternProblem';
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}
