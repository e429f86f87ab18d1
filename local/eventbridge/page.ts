import { AwsError } from '../aws-error.ts';
import type { JsonObject } from '../service.ts';

/** One page of a list as `Limit` and `NextToken` of a request ask. The token is the place in the list. */
export function page<T>(
  items: readonly T[],
  { Limit, NextToken }: JsonObject,
): { readonly items: readonly T[]; readonly next: { readonly NextToken?: string } } {
  const from = NextToken === undefined ? 0 : Number(Buffer.from(String(NextToken), 'base64').toString());
  if (!Number.isInteger(from)) throw new AwsError('ValidationException', 'The NextToken is not valid.');
  const limit = typeof Limit === 'number' ? Limit : 100;
  const to = from + limit;
  return {
    items: items.slice(from, to),
    next: to < items.length ? { NextToken: Buffer.from(String(to)).toString('base64') } : {},
  };
}
