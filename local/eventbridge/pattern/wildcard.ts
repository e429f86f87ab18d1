/** What stands between the `*` of a wildcard pattern, in order; one element when there is none. */
export type WildcardParts = readonly string[];

/**
 * Splits at each `*` that is not escaped; `\*` and `\\` are the characters themselves. `position` of an error counts UTF-8 bytes of the pattern with its
 * opening quote, as Event Ruler's does. Throws Error with EventBridge's words.
 */
export function parseWildcard(pattern: string): WildcardParts {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    const position = () => Buffer.byteLength(pattern.slice(0, at)) + 1;
    if (char === '*') {
      if (next === '*') throw new Error(`Consecutive wildcard characters at pos ${position()}`);
      parts.push(part);
      part = '';
    } else if (char === '\\') {
      if (next !== '*' && next !== '\\') throw new Error(`Invalid escape character at pos ${position()}`);
      part += next;
      at++;
    } else {
      part += char;
    }
  }
  return [...parts, part];
}

export function matchesWildcard(parts: WildcardParts, text: string): boolean {
  const first = parts[0] ?? '';
  const end = parts.length - 1;
  if (end < 1) return text === first;
  const last = parts[end] ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  const limit = text.length - last.length;
  for (let part = 1; part < end; part++) {
    const wanted = parts[part] ?? '';
    const at = text.indexOf(wanted, from);
    if (at < 0 || at + wanted.length > limit) return false;
    from = at + wanted.length;
  }
  return true;
}

/**
 * In how many places of the pattern a matcher can be at once, at worst. EventBridge refuses patterns where that is too many
 * ("Rule is too complex"). Counting stops at `limit`.
 */
export function wildcardComplexity(parts: WildcardParts, limit: number): number {
  const steps = parts.flatMap((part, index) => (index === 0 ? [...part] : ['*', ...part]));
  const isStar = parts.flatMap((part, index) =>
    index === 0 ? [...part].map(() => false) : [true, ...[...part].map(() => false)],
  );
  const alphabet = new Set(steps.filter((_, index) => !isStar[index]));
  const closure = (places: Iterable<number>): number[] => {
    const reached = new Set<number>();
    for (let place of places) {
      reached.add(place);
      while (isStar[place]) reached.add(++place);
    }
    return [...reached].sort((a, b) => a - b);
  };
  const queue = [closure([0])];
  const seen = new Set<string>();
  let most = 0;
  for (let places = queue.pop(); places; places = queue.pop()) {
    const key = places.join();
    if (seen.has(key) || seen.size > 5000) continue;
    seen.add(key);
    most = Math.max(most, places.length);
    if (most >= limit) return limit;
    for (const char of alphabet) {
      const next = places.flatMap((place) => (isStar[place] ? [place] : steps[place] === char ? [place + 1] : []));
      if (next.length > 0) queue.push(closure(next));
    }
  }
  return most;
}
