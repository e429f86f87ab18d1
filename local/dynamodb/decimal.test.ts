import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDecimals, compareDecimals, encodeDecimal, formatDecimal, parseDecimal } from './decimal.ts';

/** Decimals as text: up to 12 digits with an exponent that keeps them in DynamoDB's range. */
const decimal = fc
  .record({ digits: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), exponent: fc.integer({ min: -30, max: 30 }) })
  .map(({ digits, exponent }) => `${digits}e${exponent}`);

describe('decimals', () => {
  test('the order of the encoded bytes is the order of the numbers', () => {
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        const [a, b] = [parseDecimal(left), parseDecimal(right)];
        expect(Math.sign(Buffer.compare(encodeDecimal(a), encodeDecimal(b)))).toBe(compareDecimals(a, b));
      }),
      { numRuns: 500 },
    );
  });

  test('one text for one number, however it was written', () => {
    fc.assert(
      fc.property(decimal, (text) => {
        const formatted = formatDecimal(parseDecimal(text));
        expect(formatted).toMatch(/^(0|-?(0\.\d*[1-9]|[1-9]\d*(\.\d*[1-9])?))$/);
        expect(Number(formatted)).toBe(Number(text) + 0);
        expect(compareDecimals(parseDecimal(formatted), parseDecimal(text))).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('a sum is exact where a float is not', () => {
    const sum = addDecimals(parseDecimal('0.1'), parseDecimal('0.2'));
    expect(formatDecimal(sum)).toBe('0.3');
    const large = addDecimals(parseDecimal('12345678901234567890123456789012345678'), parseDecimal('-8'));
    expect(formatDecimal(large)).toBe('12345678901234567890123456789012345670');
  });
});
