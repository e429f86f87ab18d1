import type { ModelDefinition } from '../../domain/model-definition.ts';
import { crossCheck, type Finding, reservedColumnNames } from './cross-checks.ts';
import { modelDefinitionSchema } from './schema.ts';
import { checkSchema } from './schema-findings.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

export interface DefinitionProblem {
  /** As `data.columns.Age.type`; empty when it is about the whole file. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

export type ParsedModelDefinition =
  | { readonly ok: true; readonly definition: ModelDefinition }
  | {
      readonly ok: false;
      readonly problems: readonly DefinitionProblem[];
      /** All problems, one a line, as `model.yaml:12:5 data.target: …`. */
      readonly message: string;
    };

/**
 * Reads a `model.yaml` (YAML 1.2 core, or JSON, which is part of it). All problems are found at once, each with its place.
 * `fileName` is only told in the message. Never throws for what the text holds.
 */
export function parseModelDefinition(text: string, fileName: string): ParsedModelDefinition {
  const yaml = readYaml(text);
  if (!yaml.ok) return refused(fileName, yaml.problems);

  const { definition, findings } = check(yaml.value);
  if (definition === undefined || findings.length > 0)
    return refused(
      fileName,
      findings.map((finding) => located(finding, yaml)),
    );
  return { ok: true, definition };
}

function check(value: unknown): { definition?: ModelDefinition; findings: Finding[] } {
  const reserved = reservedNames(value);
  if (reserved.length > 0) return { findings: reserved };
  const { output: definition, findings } = checkSchema(modelDefinitionSchema, value);
  if (definition === undefined) return { findings };
  return { definition, findings: [...findings, ...crossCheck(definition)] };
}

function reservedNames(value: unknown): Finding[] {
  const columns = (value as { data?: { columns?: object } } | null)?.data?.columns;
  if (typeof columns !== 'object' || columns === null) return [];
  return reservedColumnNames(Object.keys(columns)).map((name) => ({
    path: ['data', 'columns', name],
    message: `a column cannot be named \`${name}\`, which JavaScript gives a meaning of its own`,
    hint: 'rename the column in the data',
  }));
}

export const located = ({ path, message, hint }: Finding, yaml: YamlText): DefinitionProblem => ({
  path: path.join('.'),
  ...yaml.locate(path),
  message,
  ...(hint === undefined ? {} : { hint }),
});

function refused(fileName: string, problems: readonly DefinitionProblem[]): ParsedModelDefinition {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return { ok: false, problems: sorted, message: sorted.map((problem) => lineOf(fileName, problem)).join('\n') };
}

export const lineOf = (fileName: string, { path, line, column, message, hint }: DefinitionProblem): string =>
  `${fileName}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` — ${hint}`}`;
