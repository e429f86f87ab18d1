import type { RequestContext } from './request-context.ts';
import { compileWildcard, literalTokens, matchesTokens, type PatternToken, wildcardTokens } from './wildcard.ts';

/** A part of a policy's text: as it stands there, or a variable to look up. */
type Part = { readonly text: string } | { readonly literal: string } | Variable;
interface Variable {
  readonly key: string;
  readonly fallback: string | undefined;
}

/** A text of a policy as one request sees it. */
export interface PolicyText {
  /** Undefined when a variable has no single value in this request: then the element matches nothing. */
  resolve(context: RequestContext): string | undefined;
  /** As a pattern. What a variable stands for is never a wildcard: a tag `*` would open everything. */
  matches(text: string, context: RequestContext): boolean;
  readonly variables: readonly string[];
}

/**
 * Reads `${aws:username}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`. Policies of a version before 2012-10-17 have no
 * variables: there the characters are themselves.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function readPolicyText(text: string, hasVariables: boolean): PolicyText {
  if (!hasVariables || !text.includes('${')) {
    const matches = compileWildcard(text);
    return { resolve: () => text, matches, variables: [] };
  }
  const parts = readParts(text);
  return {
    resolve: (context) => join(parts, context, (part) => part)?.join(''),
    matches: (candidate, context) => {
      const tokens = join<readonly PatternToken[]>(parts, context, literalTokens, wildcardTokens);
      return tokens !== undefined && matchesTokens(tokens.flat(), candidate);
    },
    variables: parts.flatMap((part) => ('key' in part ? [part.key] : [])),
  };
}

function readParts(text: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$\{([^}]*)\}/g)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    from = match.index + match[0].length;
    const inside = match[1] as string;
    if (inside === '*' || inside === '?' || inside === '$') parts.push({ literal: inside });
    else parts.push(readVariable(inside));
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

function readVariable(inside: string): Variable {
  const [, key = inside, fallback] = /^([^,]*?)(?:\s*,\s*'([^']*)')?$/.exec(inside) ?? [];
  return { key: key.toLowerCase(), fallback };
}

function join<T>(
  parts: readonly Part[],
  context: RequestContext,
  ofValue: (value: string) => T,
  ofText: (text: string) => T = ofValue,
): T[] | undefined {
  const joined: T[] = [];
  for (const part of parts) {
    if ('text' in part) joined.push(ofText(part.text));
    else if ('literal' in part) joined.push(ofValue(part.literal));
    else {
      const value = context.get(part.key);
      const single = typeof value === 'string' ? value : part.fallback;
      if (single === undefined) return undefined;
      joined.push(ofValue(single));
    }
  }
  return joined;
}
