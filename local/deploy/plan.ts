import { conditionEvaluator } from './conditions.ts';
import { dependencyOrder } from './dependency-order.ts';
import { IntrinsicFailed } from './intrinsics.ts';
import { parameterValues } from './parameters.ts';
import { pseudoParameters, type StackIdentity } from './pseudo-parameters.ts';
import { type References, referencesIn } from './references.ts';
import type { ResourceHandler } from './resource.ts';
import { dependsOn, type Template } from './template.ts';
import { TemplateRefused } from './template-refused.ts';

/** A template that was found good, as far as that shows before anything is made. */
export interface Plan {
  readonly template: Template;
  /** The resources to be there: all whose condition holds, each after what it depends on. */
  readonly order: readonly string[];
  readonly outputs: readonly string[];
  readonly holds: (condition: string) => boolean;
  /** A parameter or pseudo parameter; undefined when `name` is neither. */
  readonly parameter: (name: string) => unknown;
  readonly findInMap: (map: string, topLevelKey: string, secondLevelKey: string) => unknown;
}

export interface PlanOptions extends StackIdentity {
  readonly template: Template;
  readonly handlers: ReadonlyMap<string, ResourceHandler>;
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether the packaged deployment has this artifact. */
  readonly hasArtifact: (s3Key: string) => boolean;
}

/** Throws TemplateRefused with everything that is wrong: unknown types and properties, references to nothing, circles, missing artifacts. */
export function planDeployment(options: PlanOptions): Plan {
  const { template, handlers } = options;
  const problems: string[] = [];
  const attempt = <T>(where: string, fn: () => T): T | undefined => {
    try {
      return fn();
    } catch (error) {
      if (!(error instanceof IntrinsicFailed)) throw error;
      problems.push(`${where}: ${error.message}`);
      return undefined;
    }
  };

  const parameters = parameterValues(template.Parameters, options.parameters);
  problems.push(...parameters.problems);
  const pseudo = pseudoParameters(options);
  const parameter = (name: string) => (pseudo.has(name) ? pseudo.get(name) : parameters.values.get(name));
  const findInMap = mappingLookup(template);
  const holds = conditionEvaluator(template.Conditions, {
    findInMap,
    ref: (name) => {
      const value = parameter(name);
      if (value === undefined) throw new IntrinsicFailed(`there is no parameter ${name}`);
      return value;
    },
  });
  for (const name of Object.keys(template.Conditions)) attempt(`condition ${name}`, () => holds(name));

  const isThere = (where: string, condition: string | undefined): boolean =>
    condition === undefined || attempt(where, () => holds(condition)) === true;
  const resources = Object.entries(template.Resources).filter(([id, each]) => isThere(id, each.Condition));
  const outputs = Object.entries(template.Outputs).filter(([id, each]) => isThere(`output ${id}`, each.Condition));
  const logicalIds = new Set(resources.map(([id]) => id));
  const whatIs = (name: string) =>
    Object.hasOwn(template.Resources, name) ? `${name}, which its condition leaves out` : name;
  const referenceProblems = (references: References): string[] => [
    ...[...references.unknownFunctions].map((name) => `${name} is not done here`),
    ...[...references.refs]
      .filter(
        (name) => !logicalIds.has(name) && parameter(name) === undefined && !Object.hasOwn(template.Parameters, name),
      )
      .map((name) => `refers to ${whatIs(name)}`),
    ...[...references.attributesOf]
      .filter((name) => !logicalIds.has(name))
      .map((name) => `refers to an attribute of ${whatIs(name)}`),
  ];

  const byType = Map.groupBy(resources, ([, { Type }]) => Type);
  for (const [type, ofType] of byType) {
    if (!handlers.has(type)) problems.push(`${type} is not done here: ${ofType.map(([id]) => id).join(', ')}`);
  }
  const dependencies = new Map<string, Set<string>>();
  for (const [id, resource] of resources) {
    const handler = handlers.get(resource.Type);
    if (handler) {
      const unknown = Object.keys(resource.Properties ?? {}).filter((name) => !handler.properties.includes(name));
      problems.push(...unknown.map((name) => `${id}: property ${name} of ${resource.Type} is not done here`));
    }
    const references = attempt(id, () => referencesIn(resource.Properties, holds));
    if (!references) continue;
    problems.push(...referenceProblems(references).map((problem) => `${id}: ${problem}`));
    problems.push(
      ...dependsOn(resource)
        .filter((other) => !Object.hasOwn(template.Resources, other))
        .map((other) => `${id}: DependsOn names ${other}, which does not exist`),
    );
    for (const key of artifactKeys(resource.Properties)) {
      if (!options.hasArtifact(key))
        problems.push(`${id}: the artifact ${key.split('/').at(-1)} is not in the package`);
    }
    const others = [...references.refs, ...references.attributesOf, ...dependsOn(resource)];
    dependencies.set(id, new Set(others.filter((other) => logicalIds.has(other))));
  }
  for (const [id, output] of outputs) {
    const references = attempt(`output ${id}`, () => referencesIn([output.Value, output.Export?.Name], holds));
    if (references) problems.push(...referenceProblems(references).map((problem) => `output ${id}: ${problem}`));
  }

  const { order, circular } = dependencyOrder(dependencies);
  if (circular.length > 0) problems.push(`circular dependency between ${circular.join(', ')}`);
  if (problems.length > 0) throw new TemplateRefused(problems);
  return { template, order, outputs: outputs.map(([id]) => id), holds, parameter, findInMap };
}

function mappingLookup({ Mappings }: Template): Plan['findInMap'] {
  return (map, top, second) => {
    const value = Mappings[map]?.[top]?.[second];
    if (value === undefined) throw new IntrinsicFailed(`mapping ${map} has no ${top}/${second}`);
    return value;
  };
}

/** The `S3Key`s in a resource's properties: the packager writes them as plain texts. */
export function artifactKeys(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'S3Key' && typeof member === 'string' ? [member] : artifactKeys(member),
  );
}
