/**
 * The number that a JSON number stands for, or undefined when a double cannot hold it exactly: EventBridge compares such numbers as text.
 * Source: aws/event-ruler, ComparableNumber (the shortest decimal form of the double has to equal the decimal that was written).
 */
export function comparableNumber(text: string): number | undefined {
  const value = Number(text);
  // A double holds every decimal of fifteen digits.
  if (text.length <= 15 && !/[eE]/.test(text)) return value === 0 ? 0 : value;
  if (!Number.isFinite(value)) return undefined;
  if (canonicalDecimal(text) !== canonicalDecimal(String(value))) return undefined;
  return value === 0 ? 0 : value;
}

/** Sign, digits without zeros around them, and the power of ten of the last digit: equal exactly for equal decimals. */
function canonicalDecimal(text: string): string {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
