const ANY = Symbol('*');
const ONE = Symbol('?');
/** A character that stands for itself, or a wildcard. */
export type PatternToken = string | typeof ANY | typeof ONE;

/** `*` is any run of characters, `?` exactly one; everything else is itself. */
export const wildcardTokens = (pattern: string): readonly PatternToken[] =>
  Array.from({ length: pattern.length }, (_, index) => {
    const char = pattern[index] as string;
    return char === '*' ? ANY : char === '?' ? ONE : char;
  });

/** A text in which nothing is a wildcard. */
export const literalTokens = (text: string): readonly PatternToken[] => Array.from(text.split(''));

/** Quadratic at worst (one star is tried at a time), so that a policy cannot stall the runtime. */
export function matchesTokens(tokens: readonly PatternToken[], text: string): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let retryAt = 0;
  while (t < text.length) {
    const token = tokens[p];
    if (token === ANY) {
      starAt = p++;
      retryAt = t;
    } else if (token === ONE || token === text[t]) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++retryAt;
    } else {
      return false;
    }
  }
  while (tokens[p] === ANY) p++;
  return p === tokens.length;
}

/** Reads a pattern once; the usual forms (no wildcard, one at the end) are compared without walking it. */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const first = pattern.search(/[*?]/);
  if (first < 0) return (text) => text === pattern;
  if (pattern === '*') return () => true;
  if (first === pattern.length - 1 && pattern.endsWith('*')) {
    const prefix = pattern.slice(0, -1);
    return (text) => text.startsWith(prefix);
  }
  const tokens = wildcardTokens(pattern);
  return (text) => matchesTokens(tokens, text);
}

export const matchesWildcard = (pattern: string, text: string): boolean => compileWildcard(pattern)(text);

/**
 * ARN patterns: a wildcard does not cross a colon before the resource part.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function compileArnPattern(pattern: string): (arn: string) => boolean {
  const parts = splitArn(pattern)?.map(compileWildcard);
  if (!parts) return () => false;
  return (arn) => {
    const arnParts = splitArn(arn);
    return arnParts !== undefined && parts.every((matches, index) => matches(arnParts[index] as string));
  };
}

export function splitArn(text: string): readonly string[] | undefined {
  const parts = text.split(':');
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
