/**
 * AWS's reading of a timestamp: RFC 3339 with a capital `T`, a capital `Z` or an offset. Undefined when the text is none.
 * https://states-language.net/spec.html#timestamps
 */
export function parseTimestamp(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number) as number[];
  // Date.parse would make the 2nd of March of the 30th of February.
  if (month! < 1 || month! > 12 || day! < 1 || day! > new Date(Date.UTC(year!, month!, 0)).getUTCDate())
    return undefined;
  if (hour! > 23 || minute! > 59 || (second || 0) > 59) return undefined;
  const at = Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(at) ? undefined : at;
}

/** The instant in nanoseconds, as exact as the text gives it. Undefined when it is no timestamp. */
export function timestampNanoseconds(text: string): bigint | undefined {
  const at = parseTimestamp(text);
  if (at === undefined) return undefined;
  const below = /\.(\d+)/.exec(text)?.[1]?.padEnd(9, '0').slice(3) ?? '0';
  return BigInt(at) * 1_000_000n + BigInt(below);
}
