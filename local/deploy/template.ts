import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../service.ts';
import { TemplateRefused } from './template-refused.ts';

/** What the packager writes for the second, complete step of a deployment. */
export const TEMPLATE_FILE = 'cloudformation-template-update-stack.json';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html */
export interface Template {
  readonly Parameters: Readonly<Record<string, JsonObject>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, TemplateOutput>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: DeletionPolicy;
  readonly UpdateReplacePolicy?: DeletionPolicy;
  readonly Metadata?: unknown;
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Condition?: string;
  /** Accepted without effect: a template with Fn::ImportValue is refused, so nobody could take it up. */
  readonly Export?: { readonly Name: unknown };
}

const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Resources', 'Outputs'] as const;
/** Text for people: nothing follows from it. */
const DESCRIPTIVE_SECTIONS = ['AWSTemplateFormatVersion', 'Description', 'Metadata'];
const RESOURCE_MEMBERS = [
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
];
const DELETION_POLICIES = ['Delete', 'Retain', 'RetainExceptOnCreate'];

export function readTemplate(directory: string): Template {
  return parseTemplate(JSON.parse(readFileSync(join(directory, TEMPLATE_FILE), 'utf8')) as JsonObject);
}

/** Checks the frame of a template. Throws TemplateRefused with everything in it that is not done here. */
export function parseTemplate(document: JsonObject): Template {
  const known: readonly string[] = [...SECTIONS, ...DESCRIPTIVE_SECTIONS];
  const problems = Object.keys(document)
    .filter((section) => !known.includes(section))
    .map((section) => `section ${section} is not done here`);
  const template = Object.fromEntries(SECTIONS.map((name) => [name, document[name] ?? {}])) as unknown as Template;
  if (Object.keys(template.Resources).length === 0) problems.push('section Resources is missing or empty');
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    problems.push(...resourceProblems(resource).map((problem) => `${logicalId}: ${problem}`));
  }
  if (problems.length > 0) throw new TemplateRefused(problems);
  return template;
}

function resourceProblems(resource: TemplateResource): string[] {
  const problems = Object.keys(resource)
    .filter((member) => !RESOURCE_MEMBERS.includes(member))
    .map((member) => `${member} is not done here`);
  if (typeof resource.Type !== 'string') problems.push('Type is missing');
  for (const member of ['DeletionPolicy', 'UpdateReplacePolicy'] as const) {
    const policy = resource[member];
    if (policy !== undefined && !DELETION_POLICIES.includes(policy)) {
      problems.push(`${member} ${JSON.stringify(policy)} is not done here (${DELETION_POLICIES.join(', ')} are)`);
    }
  }
  return problems;
}

export const dependsOn = (resource: TemplateResource): readonly string[] =>
  typeof resource.DependsOn === 'string' ? [resource.DependsOn] : (resource.DependsOn ?? []);
