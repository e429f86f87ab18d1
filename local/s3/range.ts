import { AwsError } from '../aws-error.ts';

/** Bytes from `start` to `end`, exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A `Range` header against an object's size; undefined when there is none or it is to be ignored (RFC 9110: a malformed
 * one, and S3 answers several ranges with the whole object). Throws InvalidRange (416).
 */
export function parseRange(text: string | undefined, bytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === '') {
    const suffix = Number(last);
    if (suffix === 0 || bytes === 0) throw invalidRange(text as string, bytes);
    return { start: Math.max(0, bytes - suffix), end: bytes };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= bytes) throw invalidRange(text as string, bytes);
  return { start, end: last === '' ? bytes : Math.min(Number(last) + 1, bytes) };
}

const invalidRange = (text: string, bytes: number): AwsError =>
  new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: text,
    ActualObjectSize: bytes,
  });
