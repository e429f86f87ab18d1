/** The profile names of an AWS `config` (`[profile x]`, `[default]`) or `credentials` (`[x]`) file. */
export function profileNames(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\s*\[\s*(?:profile\s+)?([^\]\s]+)\s*\]/.exec(line)?.[1])
    .filter((name) => name !== undefined);
}
