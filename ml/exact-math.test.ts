import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp, log, sigmoid, softplus } from './exact-math.ts';

const ulpsApart = (a: number, b: number): number => Math.abs(a - b) / (Number.EPSILON * Math.abs(b));

describe('exp', () => {
  it('is within two units in the last place of Math.exp', () => {
    fc.assert(fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => ulpsApart(exp(x), Math.exp(x)) <= 2));
  });

  it.each([
    [0, 1],
    [-800, 0],
    [800, Infinity],
    [-Infinity, 0],
    [Infinity, Infinity],
    [Number.NaN, Number.NaN],
  ])('of %d is %d', (x, expected) => {
    expect(exp(x)).toBe(expected);
  });

  it('has these very bits, on every machine', () => {
    const bytes = new DataView(new ArrayBuffer(8));
    const hex = (value: number) => {
      bytes.setFloat64(0, value);
      return bytes.getBigUint64(0).toString(16);
    };
    expect([exp(0.1), exp(-3.7), log(3), sigmoid(-2.5)].map(hex)).toMatchInlineSnapshot(`
      [
        "3ff1aec7b35a00d4",
        "3f99511fc6871044",
        "3ff193ea7aad030b",
        "3fb36b7112534848",
      ]
    `);
  });
});

describe('log', () => {
  it('is within two units in the last place of Math.log, or 1e-16 near one', () => {
    fc.assert(
      fc.property(fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        return Math.abs(log(x) - Math.log(x)) <= Math.max(1e-16, 2 * Number.EPSILON * Math.abs(Math.log(x)));
      }),
    );
  });

  it.each([
    [1, 0],
    [0, -Infinity],
    [-1, Number.NaN],
    [Infinity, Infinity],
    [5e-324, Math.log(5e-324)],
  ])('of %d is %d', (x, expected) => {
    expect(log(x)).toBe(expected);
  });
});

describe('sigmoid and softplus', () => {
  it('agree with their definitions where those do not overflow', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
        expect(sigmoid(x)).toBeCloseTo(1 / (1 + Math.exp(-x)), 14);
        expect(softplus(x)).toBeCloseTo(Math.log1p(Math.exp(x)), 12);
      }),
    );
  });

  it('stay finite far out', () => {
    expect([sigmoid(-1000), sigmoid(1000), softplus(1000), softplus(-1000)]).toEqual([0, 1, 1000, 0]);
  });
});
