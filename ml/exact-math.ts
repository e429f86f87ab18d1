/**
 * exp, log and the logistic function from IEEE-754 `+ - * /` alone.
 *
 * ECMAScript leaves the last bits of Math.exp and Math.log to the implementation, and V8's C++ may be compiled with fused
 * multiply-add on arm64 and without on x64. JavaScript's own operators round after each step on every machine, so these give
 * the same bits everywhere. Largest error seen against Math.exp / Math.log: 2 units in the last place.
 */
/** ln 2 in two parts; the first has 21 zero bits at its end, so that k × LN2_HIGH is exact for every exponent k. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

const bits = new DataView(new ArrayBuffer(8));

const powerOfTwo = (exponent: number): number => {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
};

const EXP_TERMS = 14;
const INVERSE_FACTORIALS = Float64Array.from({ length: EXP_TERMS }, (_, n) => {
  let factorial = 1;
  for (let i = 2; i <= n; i++) factorial *= i;
  return 1 / factorial;
});

/** e^x. Below -708 it is 0, above 709 Infinity: results that would be subnormal are flushed. */
export const exp = (x: number): number => {
  if (Number.isNaN(x)) return x;
  if (x > 709) return Infinity;
  if (x < -708) return 0;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = INVERSE_FACTORIALS[EXP_TERMS - 1]!;
  for (let n = EXP_TERMS - 2; n >= 0; n--) sum = sum * r + INVERSE_FACTORIALS[n]!;
  // 2^1023 is the largest power that fits; x ≤ 709 keeps k below it.
  return sum * powerOfTwo(k);
};

/** Natural logarithm; NaN below zero, -Infinity at zero. */
export const log = (x: number): number => {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return x;
  let scaled = x;
  let exponent = 0;
  if (x < 2.2250738585072014e-308) {
    scaled = x * 18014398509481984;
    exponent = -54;
  }
  bits.setFloat64(0, scaled);
  const high = bits.getUint32(0);
  exponent += (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  // ln m = 2 artanh s with s = (m-1)/(m+1), |s| < 0.172: twelve terms of the series reach 2^-53.
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let series = 0;
  for (let n = 12; n >= 1; n--) series = (series + 1 / (2 * n + 1)) * z;
  return exponent * LN2_HIGH + (2 * s + (2 * s * series + exponent * LN2_LOW));
};

/** 1 / (1 + e^-x), without overflow on either side. */
export const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
};

/** ln(1 + e^x), the logistic loss of a score x on the wrong side. */
export const softplus = (x: number): number => (x > 0 ? x + log(1 + exp(-x)) : log(1 + exp(x)));
