const REGION = 'eu-west-1';
const ACCOUNT = '111111111111';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

type Path = readonly (string | number)[];

export interface Unresolved {
  readonly path: Path;
  readonly message: string;
}

/**
 * Puts something in place of what CloudFormation would fill in: what `substitutions` says (by name, or `Name.Attribute`), else a name or a
 * function's ARN made up from the reference. It only has to be well-formed: in a test nothing is called by it.
 */
export function resolveReferences(
  root: unknown,
  substitutions: Readonly<Record<string, string>>,
): { readonly value: unknown; readonly unresolved: readonly Unresolved[] } {
  const unresolved: Unresolved[] = [];
  const known = { ...PSEUDO, ...substitutions };
  const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name.replace(/[^\w-]/g, '-')}`;

  const text = (value: string, path: Path): string => {
    const whole = /^\$\{([\w.:]+)\}$/.exec(value)?.[1];
    // A Resource has to be an ARN; anywhere else a placeholder that nobody filled in is harmless text.
    if (whole !== undefined && known[whole] === undefined && path.at(-1) === 'Resource') return functionArn(whole);
    return value.replace(/\$\{([\w.:]+)\}/g, (all, name: string) => known[name] ?? all);
  };

  const reference = (name: string, argument: unknown, path: Path): unknown => {
    if (name === 'Ref') return known[String(argument)] ?? String(argument);
    if (name === 'Fn::Sub') return text(String(Array.isArray(argument) ? argument[0] : argument), path);
    if (name === 'Fn::GetAtt') {
      const [logicalId, attribute] = (Array.isArray(argument) ? argument : String(argument).split('.')).map(String);
      return known[`${logicalId}.${attribute}`] ?? known[logicalId!] ?? functionArn(logicalId!);
    }
    unresolved.push({
      path,
      message: `${name} cannot be worked out here: write the value, or use Fn::Sub with \`substitutions\``,
    });
    return null;
  };

  const resolved = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return text(value, path);
    if (Array.isArray(value)) return value.map((item, index) => resolved(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value);
    const [only] = members;
    if (members.length === 1 && only && (only[0] === 'Ref' || only[0].startsWith('Fn::')))
      return reference(only[0], only[1], path);
    return Object.fromEntries(members.map(([name, member]) => [name, resolved(member, [...path, name])]));
  };
  return { value: resolved(root, []), unresolved };
}
