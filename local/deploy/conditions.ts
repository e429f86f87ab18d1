import { evaluate, IntrinsicFailed, type Scope } from './intrinsics.ts';

/**
 * The conditions of a template, each evaluated once, when it is first asked for. Throws IntrinsicFailed for a name that is not there, for a
 * condition that depends on itself and for one that refers to a resource: conditions are decided before there is any.
 */
export function conditionEvaluator(
  conditions: Readonly<Record<string, unknown>>,
  scope: Pick<Scope, 'ref' | 'findInMap'>,
): (name: string) => boolean {
  const known = new Map<string, boolean>();
  const underWay = new Set<string>();

  const holds = (name: string): boolean => {
    const cached = known.get(name);
    if (cached !== undefined) return cached;
    if (!Object.hasOwn(conditions, name)) throw new IntrinsicFailed(`there is no condition ${name}`);
    if (underWay.has(name)) throw new IntrinsicFailed(`condition ${name} depends on itself`);
    underWay.add(name);
    const value = evaluate(conditions[name], {
      ...scope,
      condition: holds,
      getAtt: (logicalId) => {
        throw new IntrinsicFailed(`condition ${name} refers to the resource ${logicalId}`);
      },
    });
    underWay.delete(name);
    if (typeof value !== 'boolean') throw new IntrinsicFailed(`condition ${name} is not true or false`);
    known.set(name, value);
    return value;
  };
  return holds;
}
