import type { JsonObject } from '../service.ts';

/** What the intrinsic functions of a template refer to. Each throws IntrinsicFailed for a name that it does not know. */
export interface Scope {
  /** A resource's physical id, a parameter's or pseudo parameter's value. */
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): string;
  condition(name: string): boolean;
  findInMap(map: string, topLevelKey: string, secondLevelKey: string): unknown;
}

export class IntrinsicFailed extends Error {
  override readonly name = 'IntrinsicFailed';
}

/** `AWS::NoValue`: the property, or the element of a list, is as if it had not been written. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Evaluate = (argument: unknown, scope: Scope) => unknown;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
const FUNCTIONS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => scope.ref(text(argument, 'Ref')),
  Condition: (argument, scope) => scope.condition(text(argument, 'Condition')),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] = getAttParts(argument);
    return scope.getAtt(logicalId, text(evaluate(attribute, scope), 'the attribute of Fn::GetAtt'));
  },
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope) => {
    const [delimiter, parts] = list(argument, 'Fn::Join', 2);
    return list(evaluate(parts, scope), 'the second argument of Fn::Join')
      .map((part) => text(part, 'a part of Fn::Join'))
      .join(text(delimiter, 'the delimiter of Fn::Join'));
  },
  'Fn::Split': (argument, scope) => {
    const [delimiter, source] = list(argument, 'Fn::Split', 2);
    return text(evaluate(source, scope), 'the source of Fn::Split').split(
      text(delimiter, 'the delimiter of Fn::Split'),
    );
  },
  'Fn::Select': (argument, scope) => {
    const [index, elements] = list(argument, 'Fn::Select', 2);
    const values = list(evaluate(elements, scope), 'the list of Fn::Select');
    const position = Number(evaluate(index, scope));
    if (!Number.isInteger(position) || position < 0 || position >= values.length) {
      throw new IntrinsicFailed(`Fn::Select: there is no element ${String(index)} in a list of ${values.length}`);
    }
    return values[position];
  },
  'Fn::Base64': (argument, scope) =>
    Buffer.from(text(evaluate(argument, scope), 'the argument of Fn::Base64')).toString('base64'),
  'Fn::FindInMap': (argument, scope) => {
    const [map, top, second] = list(argument, 'Fn::FindInMap', 3).map((part) =>
      text(evaluate(part, scope), 'an argument of Fn::FindInMap'),
    ) as [string, string, string];
    return scope.findInMap(map, top, second);
  },
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = list(argument, 'Fn::If', 3);
    return evaluate(scope.condition(text(name, 'the condition of Fn::If')) ? whenTrue : whenFalse, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = list(argument, 'Fn::Equals', 2).map((side) => evaluate(side, scope));
    return text(left, 'a side of Fn::Equals') === text(right, 'a side of Fn::Equals');
  },
  'Fn::Not': (argument, scope) => !truth(list(argument, 'Fn::Not', 1)[0], scope),
  'Fn::And': (argument, scope) => list(argument, 'Fn::And').every((part) => truth(part, scope)),
  'Fn::Or': (argument, scope) => list(argument, 'Fn::Or').some((part) => truth(part, scope)),
};

/** The name of the function when `value` is a call of one: an object whose one key is `Ref`, `Condition` or `Fn::…`. */
export function functionName(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const keys = Object.keys(value);
  const [key] = keys;
  if (keys.length !== 1 || key === undefined) return undefined;
  // `Condition` is a function only where a condition is expected; in a policy statement it is an ordinary member.
  const isCondition = key === 'Condition' && typeof (value as JsonObject)[key] === 'string';
  return key === 'Ref' || isCondition || key.startsWith('Fn::') ? key : undefined;
}

export const isKnownFunction = (name: string): boolean => Object.hasOwn(FUNCTIONS, name);

/** A value with every intrinsic function in it evaluated. `NO_VALUE` members and elements are left out. */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((element) => evaluate(element, scope)).filter((each) => each !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const name = functionName(value);
  if (name === undefined) {
    const members = Object.entries(value).map(([key, member]) => [key, evaluate(member, scope)] as const);
    return Object.fromEntries(members.filter(([, member]) => member !== NO_VALUE));
  }
  const run = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!run) throw new IntrinsicFailed(`${name} is not done here`);
  return run((value as JsonObject)[name], scope);
}

/** `[logicalId, attribute]` of either form: the list, or `Logical.Attribute` in one text. */
export function getAttParts(argument: unknown): [string, unknown] {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    if (dot > 0) return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [logicalId, attribute] = list(argument, 'Fn::GetAtt', 2);
  return [text(logicalId, 'the resource of Fn::GetAtt'), attribute];
}

/** Text and variables of Fn::Sub, in order: `${!x}` is the text `${x}`. */
export function substitutionParts(template: string): readonly ({ text: string } | { variable: string })[] {
  return template.split(/(\$\{[^}]*\})/).map((part) => {
    if (!/^\$\{[^}]*\}$/.test(part)) return { text: part };
    const inside = part.slice(2, -1);
    return inside.startsWith('!') ? { text: `\${${inside.slice(1)}}` } : { variable: inside.trim() };
  });
}

function substitute(argument: unknown, scope: Scope): string {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : list(argument, 'Fn::Sub', 2);
  const own = variables as JsonObject;
  const parts = substitutionParts(text(template, 'the text of Fn::Sub')).map((part) => {
    if ('text' in part) return part.text;
    const name = part.variable;
    if (Object.hasOwn(own, name)) return text(evaluate(own[name], scope), `variable ${name} of Fn::Sub`);
    if (name.includes('.')) return scope.getAtt(...(getAttParts(name) as [string, string]));
    return text(scope.ref(name), `\${${name}} in Fn::Sub`);
  });
  return parts.join('');
}

function truth(value: unknown, scope: Scope): boolean {
  const result = evaluate(value, scope);
  if (typeof result !== 'boolean') throw new IntrinsicFailed(`${JSON.stringify(value)} is no condition`);
  return result;
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  // CloudFormation's own values are texts: a number or a truth value stands for its text.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new IntrinsicFailed(`${what} must be a text, not ${describe(value)}`);
}

function list(value: unknown, what: string, length?: number): unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    const wanted = length === undefined ? 'a list' : `a list of ${length}`;
    throw new IntrinsicFailed(`${what} must be ${wanted}, not ${describe(value)}`);
  }
  return value;
}

const describe = (value: unknown): string =>
  value === NO_VALUE ? 'AWS::NoValue' : (JSON.stringify(value) ?? 'nothing');
