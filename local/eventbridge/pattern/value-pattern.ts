import { comparableNumber } from './comparable-number.ts';
import { type CaseForms, endsWithForms, equalsForms, startsWithForms } from './ignore-case.ts';
import { contains, type IpRange, parseIp } from './ip-address.ts';
import { matchesWildcard, type WildcardParts } from './wildcard.ts';

/**
 * What a field's value may be. Values are texts: strings with their quotes around them, numbers, booleans and null as
 * written, so that `"5"` and `5` never meet.
 */
export type ValuePattern =
  | { readonly type: 'exact'; readonly text: string }
  | { readonly type: 'prefix'; readonly text: string }
  | { readonly type: 'suffix'; readonly text: string }
  | { readonly type: 'equals-ignore-case'; readonly forms: CaseForms }
  | { readonly type: 'prefix-ignore-case'; readonly forms: CaseForms }
  | { readonly type: 'suffix-ignore-case'; readonly forms: CaseForms }
  | { readonly type: 'wildcard'; readonly parts: WildcardParts }
  | { readonly type: 'numeric-equals'; readonly value: number }
  | NumericRange
  | { readonly type: 'ip'; readonly range: IpRange }
  | { readonly type: 'exists' }
  | { readonly type: 'absent' }
  | { readonly type: 'none-of'; readonly patterns: readonly ValuePattern[] };

export interface NumericRange {
  readonly type: 'numeric-range';
  readonly bottom: number;
  readonly openBottom: boolean;
  readonly top: number;
  readonly openTop: boolean;
}

/** Does a value that is there match? `absent` never does: that is for the field, not for a value. */
export function matchesValue(pattern: ValuePattern, value: string): boolean {
  switch (pattern.type) {
    case 'exact':
      return value === pattern.text;
    case 'prefix':
      return value.startsWith(pattern.text);
    case 'suffix':
      return value.endsWith(pattern.text);
    case 'equals-ignore-case':
      return equalsForms(pattern.forms, value);
    case 'prefix-ignore-case':
      return startsWithForms(pattern.forms, value);
    case 'suffix-ignore-case':
      return endsWithForms(pattern.forms, value);
    case 'wildcard':
      return matchesWildcard(pattern.parts, value);
    case 'numeric-equals':
      return numberOf(value) === pattern.value;
    case 'numeric-range':
      return inRange(pattern, numberOf(value));
    case 'ip':
      return isIpIn(pattern.range, value);
    case 'exists':
      return true;
    case 'absent':
      return false;
    case 'none-of':
      return !pattern.patterns.some((inner) => matchesValue(inner, value));
  }
}

/** Undefined unless the value is a number that a double holds exactly. */
export const numberOf = (value: string): number | undefined =>
  /^[-0-9]/.test(value) ? comparableNumber(value) : undefined;

export function inRange({ bottom, openBottom, top, openTop }: NumericRange, value: number | undefined): boolean {
  if (value === undefined) return false;
  return (openBottom ? value > bottom : value >= bottom) && (openTop ? value < top : value <= top);
}

function isIpIn(range: IpRange, value: string): boolean {
  const ip = ipOf(value);
  return ip !== undefined && contains(range, ip);
}

export const ipOf = (value: string): ReturnType<typeof parseIp> =>
  parseIp(value.startsWith('"') ? value.slice(1, -1) : value);
