/** A template asks for what is not there or not done here. Thrown before anything is made, with every problem at once. */
export class TemplateRefused extends Error {
  override readonly name = 'TemplateRefused';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The template cannot be deployed, and nothing was changed:\n${problems.map((text) => `- ${text}`).join('\n')}`,
    );
    this.problems = problems;
  }
}
