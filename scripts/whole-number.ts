/** The command line is wrong: its message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The value of an option that counts something. Throws UsageError. */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} must be a whole number, not "${text}"`);
  return Number(text);
}
