import { validationError } from './validation.ts';

/**
 * DynamoDB's number: up to 38 significant digits, 1E-130 to 9.99…E+125, either sign, and zero.
 * The value is `coefficient` × 10^`exponent`; the coefficient has no trailing zeros.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
 */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const MAX_DIGITS = 38;
const MAX_MAGNITUDE = 125;
const MIN_MAGNITUDE = -130;
const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;

/** Throws ValidationException when the text is no number or is out of range or precision. */
export function parseDecimal(text: string): Decimal {
  const match = NUMBER.exec(text);
  if (!match) {
    throw validationError(
      text === ''
        ? 'The parameter cannot be converted to a numeric value'
        : `The parameter cannot be converted to a numeric value: ${text}`,
    );
  }
  const [, sign, whole = '', fraction = match[4] ?? '', , power = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return ZERO;
  const exponent = Number(power) - fraction.length + (digits.length - significant.length);
  checkRange(significant.length, exponent);
  const magnitude = BigInt(significant);
  return { coefficient: sign === '-' ? -magnitude : magnitude, exponent };
}

const ZERO: Decimal = { coefficient: 0n, exponent: 0 };

function checkRange(digits: number, exponent: number): void {
  const magnitude = digits + exponent - 1;
  if (magnitude > MAX_MAGNITUDE) {
    throw validationError('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  if (magnitude < MIN_MAGNITUDE) {
    throw validationError('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
  if (digits > MAX_DIGITS) {
    throw validationError('Attempting to store more than 38 significant digits in a Number');
  }
}

/** Plain notation, without exponent, leading or trailing zeros: as DynamoDB gives numbers back. */
export function formatDecimal({ coefficient, exponent }: Decimal): string {
  const sign = coefficient < 0n ? '-' : '';
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString();
  if (exponent >= 0) return coefficient === 0n ? '0' : sign + digits + '0'.repeat(exponent);
  const point = digits.length + exponent;
  if (point > 0) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  return `${sign}0.${'0'.repeat(-point)}${digits}`;
}

export const canonicalNumber = (text: string): string => formatDecimal(parseDecimal(text));

export function compareDecimals(left: Decimal, right: Decimal): number {
  const { a, b } = align(left, right);
  return a < b ? -1 : a > b ? 1 : 0;
}

export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const { a, b, exponent } = align(left, right);
  return normalise(a + b, exponent);
}

export const negateDecimal = ({ coefficient, exponent }: Decimal): Decimal => ({ coefficient: -coefficient, exponent });

function align(left: Decimal, right: Decimal): { a: bigint; b: bigint; exponent: number } {
  const exponent = Math.min(left.exponent, right.exponent);
  return {
    a: left.coefficient * 10n ** BigInt(left.exponent - exponent),
    b: right.coefficient * 10n ** BigInt(right.exponent - exponent),
    exponent,
  };
}

function normalise(coefficient: bigint, exponent: number): Decimal {
  if (coefficient === 0n) return ZERO;
  const negative = coefficient < 0n;
  const digits = (negative ? -coefficient : coefficient).toString();
  const significant = digits.replace(/0+$/, '');
  const shifted = exponent + digits.length - significant.length;
  checkRange(significant.length, shifted);
  return { coefficient: BigInt(negative ? `-${significant}` : significant), exponent: shifted };
}

/**
 * Bytes whose order under memcmp is the order of the numbers: a sign byte, the biased magnitude, then the digits two by
 * two. For negative numbers everything is complemented and closed by 0xFF, so that fewer digits come later.
 */
export function encodeDecimal({ coefficient, exponent }: Decimal): Uint8Array {
  if (coefficient === 0n) return Uint8Array.of(0x80);
  const negative = coefficient < 0n;
  const digits = (negative ? -coefficient : coefficient).toString();
  const bytes = [0xc0, digits.length + exponent - 1 - MIN_MAGNITUDE];
  for (let at = 0; at < digits.length; at += 2) bytes.push(Number(digits.slice(at, at + 2).padEnd(2, '0')));
  if (!negative) return Uint8Array.from(bytes);
  return Uint8Array.from([...bytes.map((byte) => 0xff - byte), 0xff]);
}

/** DynamoDB's own measure: about one byte for two significant digits, plus one; one more for a negative number. */
export function decimalSize({ coefficient, exponent }: Decimal): number {
  if (coefficient === 0n) return 1;
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().length;
  const pairs = Math.ceil((digits + (Math.abs(exponent) % 2)) / 2);
  return pairs + 1 + (coefficient < 0n ? 1 : 0);
}
