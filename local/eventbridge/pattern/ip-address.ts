import { isIPv6 } from 'node:net';

/** An address as a number of `bits` bits. */
export interface IpAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

export interface IpRange {
  readonly bits: 32 | 128;
  readonly low: bigint;
  readonly high: bigint;
}

const IPV4 = /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/;
const IPV6 = /^[0-9a-fA-F:]*:[0-9a-fA-F:]*$/;
/** ::ffff:0:0/96: an IPv4 address written as an IPv6 one is the IPv4 address. */
const MAPPED = 0xffffn;

const looksLikeIp = (text: string): boolean => IPV4.test(text) || IPV6.test(text);

/** Undefined when the text is no literal address. */
export function parseIp(text: string): IpAddress | undefined {
  if (IPV4.test(text)) {
    let value = 0n;
    for (const part of text.split('.')) {
      if (part.length > 9 || Number(part) > 255) return undefined;
      value = (value << 8n) | BigInt(part);
    }
    return { bits: 32, value };
  }
  if (!IPV6.test(text) || !isIPv6(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const words = (side: string) => (side === '' ? [] : side.split(':'));
  const before = words(head);
  const after = tail === undefined ? [] : words(tail);
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const all = [...before, ...Array<string>(zeros).fill('0'), ...after];
  const value = all.reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n);
  return value >> 32n === MAPPED ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

export const contains = (range: IpRange, ip: IpAddress): boolean =>
  range.bits === ip.bits && ip.value >= range.low && ip.value <= range.high;

/** `10.0.0.0/8`. Throws Error with EventBridge's words when it is none. */
export function parseCidr(text: string): IpRange {
  // Java's split drops empty parts at the end, so `10.0.0.0/` has one part.
  const parts = text.replace(/\/+$/, '').split('/');
  const [address = '', mask = ''] = parts;
  if (parts.length !== 2) throw new Error("Malformed CIDR, one '/' required");
  if (!/^[+-]?[0-9]{1,9}$/.test(mask)) throw new Error('Malformed CIDR, mask bits must be an integer');
  const maskBits = Number(mask);
  if (maskBits < 0) throw new Error('Malformed CIDR, mask bits must not be negative');
  if (!looksLikeIp(address)) throw new Error(`Nonstandard IP address: ${address}`);
  const ip = parseIp(address);
  if (!ip) throw new Error(`Invalid IP address: ${address}`);
  if (maskBits >= ip.bits) throw new Error(`IPv${ip.bits === 32 ? 4 : 6} mask bits must be < ${ip.bits}`);
  const variable = BigInt(ip.bits - maskBits);
  const low = (ip.value >> variable) << variable;
  return { bits: ip.bits, low, high: low | ((1n << variable) - 1n) };
}
