/**
 * The order in which resources are made: each after what it depends on, and otherwise as the template has them.
 * `circular` names the resources that wait for each other; the order then has all others.
 */
export function dependencyOrder(dependencies: ReadonlyMap<string, ReadonlySet<string>>): {
  readonly order: readonly string[];
  readonly circular: readonly string[];
} {
  const order: string[] = [];
  const placed = new Set<string>();
  let remaining = [...dependencies.keys()];
  while (remaining.length > 0) {
    const ready = remaining.filter((id) => [...(dependencies.get(id) ?? [])].every((other) => placed.has(other)));
    if (ready.length === 0) return { order, circular: onCircle(remaining, dependencies) };
    for (const id of ready) placed.add(id);
    order.push(...ready);
    remaining = remaining.filter((id) => !placed.has(id));
  }
  return { order, circular: [] };
}

/** Of the resources that cannot be placed, those on a circle: what nobody left waits for only waits itself. */
function onCircle(remaining: readonly string[], dependencies: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  let circle = [...remaining];
  for (;;) {
    const waitedFor = new Set(circle.flatMap((id) => [...(dependencies.get(id) ?? [])]));
    const smaller = circle.filter((id) => waitedFor.has(id));
    if (smaller.length === circle.length) return circle;
    circle = smaller;
  }
}
