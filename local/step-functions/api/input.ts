import { AwsError, notImplemented } from '../../aws-error.ts';
import type { JsonObject } from '../../service.ts';

/** One member of an operation's input: what AWS says of a value that breaks the API's constraints on it. */
export interface Member<T, Required extends boolean = boolean> {
  readonly required: Required;
  /** Adds to `found`, one text a violation. Throws SerializationException for a value of another type. */
  readonly check: (value: unknown, at: string, found: string[]) => void;
  /** Never there: carries the type. */
  readonly type?: T;
}

export type Shape = Readonly<Record<string, Member<unknown>>>;

type RequiredNames<S extends Shape> = { [K in keyof S]: S[K]['required'] extends true ? K : never }[keyof S];
type TypeOf<M> = M extends Member<infer T> ? T : never;

export type InputOf<S extends Shape> = { readonly [K in RequiredNames<S>]: TypeOf<S[K]> } & {
  readonly [K in Exclude<keyof S, RequiredNames<S>>]?: TypeOf<S[K]>;
};

/**
 * The input of an operation, checked member by member as the API's model says. Throws ValidationException with every violation,
 * as AWS lists them, and NotImplemented for a member that is not done here.
 */
export function readInput<S extends Shape>(operation: string, shape: S, input: JsonObject): InputOf<S> {
  const found: string[] = [];
  const read = readMembers(operation, shape, input, '', found);
  if (found.length > 0) {
    const many = found.length === 1 ? '1 validation error' : `${found.length} validation errors`;
    throw new AwsError('ValidationException', `${many} detected: ${found.join('; ')}`);
  }
  return read as InputOf<S>;
}

function readMembers(operation: string, shape: Shape, input: JsonObject, path: string, found: string[]): JsonObject {
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(shape, name) && value !== null && value !== undefined) {
      throw notImplemented(`${operation} with ${path}${name}`);
    }
  }
  const read: JsonObject = {};
  for (const [name, member] of Object.entries(shape)) {
    const value = input[name];
    if (value === undefined || value === null) {
      if (member.required) found.push(violation('Value null', `${path}${name}`, 'Member must not be null'));
      continue;
    }
    member.check(value, `${path}${name}`, found);
    read[name] = value;
  }
  return read;
}

const violation = (value: string, at: string, constraint: string): string =>
  `${value} at '${at}' failed to satisfy constraint: ${constraint}`;

const wrongType = (value: unknown, wanted: string): AwsError =>
  new AwsError('SerializationException', `${jsonType(value)} can not be converted to ${wanted}`);

const jsonType = (value: unknown): string =>
  Array.isArray(value)
    ? 'START_ARRAY'
    : typeof value === 'object'
      ? 'START_OBJECT'
      : `${typeof value === 'boolean' ? String(value).toUpperCase() : (typeof value).toUpperCase()}_VALUE`;

export interface TextLimits {
  readonly least?: number;
  readonly most?: number;
  /** As AWS writes it, and the same in JavaScript. */
  readonly pattern?: { readonly written: string; readonly matches: RegExp };
  /** Of secret values AWS does not repeat the value. */
  readonly sensitive?: true;
}

export function text(limits: TextLimits = {}): Member<string, false> {
  const { least = 0, most = Number.POSITIVE_INFINITY, pattern, sensitive } = limits;
  return {
    required: false,
    check(value, at, found) {
      if (typeof value !== 'string') throw wrongType(value, 'a String');
      const shown = sensitive ? 'Value' : `Value '${value}'`;
      if (value.length < least)
        found.push(violation(shown, at, `Member must have length greater than or equal to ${least}`));
      if (value.length > most || Buffer.byteLength(value) > most)
        found.push(violation(shown, at, `Member must have length less than or equal to ${most}`));
      else if (value.length >= least && pattern && !pattern.matches.test(value))
        found.push(violation(shown, at, `Member must satisfy regular expression pattern: ${pattern.written}`));
    },
  };
}

/** `choices` in AWS's order, which its message keeps. */
export const choice = <const T extends string>(choices: readonly T[]): Member<T, false> => ({
  required: false,
  check(value, at, found) {
    if (typeof value !== 'string') throw wrongType(value, 'a String');
    if (choices.some((one) => one === value)) return;
    found.push(violation(`Value '${value}'`, at, `Member must satisfy enum value set: [${choices.join(', ')}]`));
  },
});

export const integer = (least: number, most = Number.POSITIVE_INFINITY): Member<number, false> => ({
  required: false,
  check(value, at, found) {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(value, 'an Integer');
    const shown = `Value '${value}'`;
    if (value < least) found.push(violation(shown, at, `Member must have value greater than or equal to ${least}`));
    if (value > most) found.push(violation(shown, at, `Member must have value less than or equal to ${most}`));
  },
});

export const flag: Member<boolean, false> = {
  required: false,
  check(value) {
    if (typeof value !== 'boolean') throw wrongType(value, 'a Boolean');
  },
};

/** `shownAs` is the name that AWS's message gives a member of the list. */
export function list<T>(
  member: Member<T>,
  { least = 0, most = Number.POSITIVE_INFINITY, shownAs = '' } = {},
): Member<readonly T[], false> {
  return {
    required: false,
    check(value, at, found) {
      if (!Array.isArray(value)) throw wrongType(value, 'a List');
      const shown = `Value '[${value.map((one) => shownMember(one, shownAs)).join(', ')}]'`;
      if (value.length < least)
        found.push(violation(shown, at, `Member must have length greater than or equal to ${least}`));
      if (value.length > most)
        found.push(violation(shown, at, `Member must have length less than or equal to ${most}`));
      value.forEach((one: unknown, index) => {
        if (one === null) throw wrongType(one, 'a member of a List');
        member.check(one, `${at}.${index + 1}.member`, found);
      });
    },
  };
}

const shownMember = (value: unknown, name: string): string =>
  typeof value === 'object' && value !== null
    ? `${name}(${Object.entries(value)
        .map(([field, one]) => `${field}=${String(one)}`)
        .join(', ')})`
    : String(value);

export function structure<S extends Shape>(operation: string, shape: S): Member<InputOf<S>, false> {
  return {
    required: false,
    check(value, at, found) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(value, 'a Structure');
      readMembers(operation, shape, value as JsonObject, `${at}.`, found);
    },
  };
}

export const required = <T>(member: Member<T, false>): Member<T, true> => ({ ...member, required: true });
