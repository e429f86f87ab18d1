import { crc32 as zlibCrc32 } from 'node:zlib';

/**
 * A cyclic redundancy check over a stream of pieces, and over the concatenation of two streams whose checks are known.
 * All three of S3's are reflected, with initial value and final XOR of all ones.
 */
export interface Crc {
  readonly bits: 32 | 64;
  /** The reflected polynomial. */
  readonly polynomial: bigint;
  /** Continues from `value`, which begins as 0. */
  update(value: bigint, piece: Uint8Array): bigint;
}

export const CRC32: Crc = {
  bits: 32,
  polynomial: 0xedb88320n,
  update: (value, piece) => BigInt(zlibCrc32(piece, Number(value))),
};

const CRC32C_POLYNOMIAL = 0x82f63b78;

function table32(polynomial: number): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[byte] = value;
  }
  return table;
}

const CRC32C_TABLE = table32(CRC32C_POLYNOMIAL);

export const CRC32C: Crc = {
  bits: 32,
  polynomial: BigInt(CRC32C_POLYNOMIAL),
  update(value, piece) {
    let crc = ~Number(value) >>> 0;
    for (let at = 0; at < piece.length; at++) {
      crc = (CRC32C_TABLE[(crc ^ (piece[at] as number)) & 0xff] as number) ^ (crc >>> 8);
    }
    return BigInt(~crc >>> 0);
  },
};

const CRC64_NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

/** Halves of the 64-bit table: two 32-bit numbers a step are far faster than one BigInt. */
const [CRC64_HIGH, CRC64_LOW] = (() => {
  const [high, low] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ CRC64_NVME_POLYNOMIAL : value >> 1n;
    high[byte] = Number(value >> 32n);
    low[byte] = Number(value & 0xffffffffn);
  }
  return [high, low];
})();

export const CRC64NVME: Crc = {
  bits: 64,
  polynomial: CRC64_NVME_POLYNOMIAL,
  update(value, piece) {
    let high = ~Number(value >> 32n) >>> 0;
    let low = ~Number(value & 0xffffffffn) >>> 0;
    for (let at = 0; at < piece.length; at++) {
      const index = (low ^ (piece[at] as number)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (CRC64_LOW[index] as number);
      high = (high >>> 8) ^ (CRC64_HIGH[index] as number);
    }
    return (BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0);
  },
};

/**
 * The check of A followed by B, from A's check, B's check and B's length in bytes: A's is carried over `secondBytes` zero
 * bytes by repeated squaring of the one-zero-bit operator, as zlib's crc32_combine does.
 */
export function combineCrc(crc: Crc, first: bigint, second: bigint, secondBytes: number): bigint {
  let operator = oneZeroBit(crc);
  for (let power = 0; power < 3; power++) operator = multiply(operator, operator);
  let value = first;
  for (let left = BigInt(secondBytes); left > 0n; left >>= 1n) {
    if (left & 1n) value = apply(operator, value);
    operator = multiply(operator, operator);
  }
  return value ^ second;
}

/** Row i is what bit i becomes when a zero bit is shifted in. */
const oneZeroBit = ({ bits, polynomial }: Crc): readonly bigint[] =>
  Array.from({ length: bits }, (_row, bit) => (bit === 0 ? polynomial : 1n << BigInt(bit - 1)));

function apply(matrix: readonly bigint[], vector: bigint): bigint {
  let sum = 0n;
  for (let bit = 0; vector >> BigInt(bit) > 0n; bit++) {
    if ((vector >> BigInt(bit)) & 1n) sum ^= matrix[bit] as bigint;
  }
  return sum;
}

const multiply = (left: readonly bigint[], right: readonly bigint[]): readonly bigint[] =>
  right.map((row) => apply(left, row));
