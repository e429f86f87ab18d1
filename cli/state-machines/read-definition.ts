import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument, type ScalarTag } from 'yaml';
import { type Issue, validateDefinition } from '../../local/step-functions/offline/offline.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { resolveReferences } from './resolve-references.ts';

export interface ReadDefinition {
  /** JSON text, its references filled in. */
  readonly text: string;
  /** State name → its definition, those of branches and item processors too. */
  readonly states: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** It is run as the command line says, with no file of cases. */
  readonly isTheTest?: true;
}

const MAX_ALIASES = 1_000;
/** One broken line makes many. */
const MOST_FAULTS = 5;

/**
 * Reads an ASL definition, YAML or JSON, as it stands in a repository: with CloudFormation's references and `${…}` placeholders still in it.
 * Throws Failure with every problem as `file:line:column`.
 */
export function readDefinition(file: string, substitutions: Readonly<Record<string, string>>): ReadDefinition {
  const lineCounter = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter, prettyErrors: false, customTags: CLOUDFORMATION_TAGS });
  const place = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    throw refused(
      file,
      faults.slice(0, MOST_FAULTS).map((fault) => `${place(fault.pos[0])} is not valid YAML: ${fault.message}`),
    );
  const { value, unresolved } = resolveReferences(document.toJS({ maxAliasCount: MAX_ALIASES }), substitutions);
  const at = (path: readonly (string | number)[]) => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return place(node.range[0]);
    }
    return place(0);
  };
  if (unresolved.length > 0)
    throw refused(
      file,
      unresolved.map(({ path, message }) => `${at(path)} ${path.join('.')}: ${message}`),
    );
  const text = JSON.stringify(value);
  const { issues } = validateDefinition(text, 'STANDARD');
  const errors = issues.filter(({ severity }) => severity === 'ERROR');
  if (errors.length > 0)
    throw refused(
      file,
      errors.map((issue) => `${at(pathOf(issue))} ${issue.location}: ${issue.message}`),
    );
  return { text, states: statesOf(value as Program) };
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(exitCodes.usage, `There is no file ${file} that can be read`, { cause: error });
  }
}

const refused = (file: string, problems: readonly string[]): Failure =>
  new Failure(exitCodes.usage, `${file} is no definition that Step Functions would take:\n${problems.join('\n')}`, {
    hint: 'each line names its place',
  });

/** `/States/A/Catch[0]/Next` → States, A, Catch, 0, Next. */
const pathOf = ({ location }: Issue): (string | number)[] =>
  location
    .split('/')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [, name, indexes] = /^(.*?)((?:\[\d+\])*)$/.exec(part)!;
      return [name!, ...[...indexes!.matchAll(/\d+/g)].map(([index]) => Number(index))];
    });

const CLOUDFORMATION_TAGS: ScalarTag[] = [
  { tag: '!Ref', resolve: (text) => ({ Ref: text }) },
  { tag: '!GetAtt', resolve: (text) => ({ 'Fn::GetAtt': text.split('.') }) },
  { tag: '!Sub', resolve: (text) => ({ 'Fn::Sub': text }) },
];

interface Program {
  readonly States: Readonly<Record<string, State>>;
}
interface State {
  readonly Branches?: readonly Program[];
  readonly ItemProcessor?: Program;
  readonly Iterator?: Program;
  readonly [field: string]: unknown;
}

function statesOf({ States }: Program): Map<string, State> {
  const found = new Map(Object.entries(States));
  for (const { Branches = [], ItemProcessor, Iterator } of Object.values(States)) {
    for (const program of [...Branches, ItemProcessor, Iterator]) {
      if (program) for (const [name, state] of statesOf(program)) found.set(name, state);
    }
  }
  return found;
}
