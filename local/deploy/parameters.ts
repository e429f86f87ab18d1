import type { JsonObject } from '../service.ts';

const MEMBERS = [
  'Type',
  'Default',
  'Description',
  'NoEcho',
  'ConstraintDescription',
  'AllowedValues',
  'AllowedPattern',
  'MinLength',
  'MaxLength',
  'MinValue',
  'MaxValue',
];

export interface ParameterValues {
  readonly values: ReadonlyMap<string, unknown>;
  readonly problems: readonly string[];
}

/**
 * The values of a template's parameters: what was given, or the default. Problems instead of a value where one is missing, unknown or breaks
 * its constraints. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export function parameterValues(
  declared: Readonly<Record<string, JsonObject>>,
  given: Readonly<Record<string, string>>,
): ParameterValues {
  const problems = Object.keys(given)
    .filter((name) => !Object.hasOwn(declared, name))
    .map((name) => `parameter ${name} does not exist in the template`);
  const values = new Map<string, unknown>();
  for (const [name, declaration] of Object.entries(declared)) {
    const found = valueProblems(declaration, given[name]);
    problems.push(...found.map((problem) => `parameter ${name}: ${problem}`));
    if (found.length === 0) values.set(name, convert(declaration, textOf(declaration, given[name])));
  }
  return { values, problems };
}

const textOf = (declaration: JsonObject, given: string | undefined): string => given ?? String(declaration.Default);

function valueProblems(declaration: JsonObject, given: string | undefined): string[] {
  const unknown = Object.keys(declaration).filter((member) => !MEMBERS.includes(member));
  if (unknown.length > 0) return unknown.map((member) => `${member} is not done here`);
  const type = String(declaration.Type);
  if (!['String', 'Number', 'CommaDelimitedList', 'List<Number>'].includes(type))
    return [`type ${type} is not done here`];
  if (given === undefined && declaration.Default === undefined) return ['has no value and no default'];

  const text = textOf(declaration, given);
  const items = type.includes('List') ? text.split(',').map((item) => item.trim()) : [text];
  return items.flatMap((item) => itemProblems(declaration, type, item));
}

function itemProblems(declaration: JsonObject, type: string, text: string): string[] {
  const problems: string[] = [];
  const limit = (member: string) => Number(declaration[member] ?? Number.NaN);
  const isNumber = type === 'Number' || type === 'List<Number>';
  if (isNumber && (text.trim() === '' || Number.isNaN(Number(text)))) problems.push(`"${text}" is no number`);
  if (isNumber && Number(text) < limit('MinValue')) problems.push(`${text} is below MinValue ${limit('MinValue')}`);
  if (isNumber && Number(text) > limit('MaxValue')) problems.push(`${text} is above MaxValue ${limit('MaxValue')}`);
  if (text.length < limit('MinLength')) problems.push(`"${text}" is shorter than ${limit('MinLength')}`);
  if (text.length > limit('MaxLength')) problems.push(`"${text}" is longer than ${limit('MaxLength')}`);
  const pattern = declaration.AllowedPattern;
  if (typeof pattern === 'string' && !new RegExp(`^(?:${pattern})$`).test(text)) {
    problems.push(`"${text}" does not match ${pattern}`);
  }
  const allowed = declaration.AllowedValues;
  if (Array.isArray(allowed) && !allowed.map(String).includes(text)) {
    problems.push(`"${text}" is none of ${allowed.join(', ')}`);
  }
  return problems;
}

const convert = (declaration: JsonObject, text: string): unknown =>
  String(declaration.Type).includes('List') ? text.split(',').map((item) => item.trim()) : text;
