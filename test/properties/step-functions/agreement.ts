import { isDeepStrictEqual } from 'node:util';
import { type EngineRun, EngineWorld, EXECUTION_NAME, START_MS, UUID } from './engine-world.ts';
import type { GeneratedMachine } from './machines.ts';
import { interpret, type OracleRun, type TaskCall } from './oracle/interpret.ts';
import { OPEN_CAUSE } from './oracle/state-error.ts';

/** Ways in which things that happen in the same millisecond may come one after the other, of one machine. */
const MOST_ORDERS = 200;

/** Runs a machine on the engine and in the oracle; answers in what they differ, undefined when in nothing. */
export async function disagreement(machine: GeneratedMachine): Promise<string | undefined> {
  const world = new EngineWorld(machine);
  await world.begin();
  const engine = world.outcome();
  let first: string | undefined;
  const order: { picked: number; readonly of: number }[] = [];
  for (let orders = 0; orders < MOST_ORDERS; orders++) {
    let tie = 0;
    const oracle = await ask(machine, (of) => {
      order[tie] ??= { picked: 0, of };
      return order[tie++]!.picked;
    });
    const difference = differenceOf(oracle, engine);
    if (difference === undefined) return undefined;
    first ??= difference;
    while (order.length > 0 && order.at(-1)!.picked + 1 === order.at(-1)!.of) order.pop();
    if (order.length === 0) return first;
    order.at(-1)!.picked += 1;
  }
  return `${first}\nand so in ${MOST_ORDERS} orders of what happens at the same time`;
}

const ask = ({ definition, script, input, random }: GeneratedMachine, firstOf: (branches: number) => number) =>
  interpret(definition, input, {
    script,
    random,
    uuid: UUID,
    startMs: START_MS,
    executionName: EXECUTION_NAME,
    firstOf,
  });

function differenceOf(oracle: OracleRun, engine: EngineRun): string | undefined {
  const differences = [
    compared('status', oracle.status, engine.status),
    compared('output', oracle.output, engine.output),
    compared('error', oracle.error, engine.error ?? undefined),
    compared('cause', oracle.cause, engine.cause ?? undefined),
    ...callDifferences(oracle, engine),
  ].filter((one) => one !== undefined);
  return differences.length === 0 ? undefined : differences.join('\n');
}

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

const compared = (what: string, oracle: unknown, engine: unknown): string | undefined =>
  equal(oracle, engine) ? undefined : `${what}: the oracle says ${shown(oracle)}, the engine ${shown(engine)}`;

/** Equal but for the causes that the specification leaves open. */
function equal(oracle: unknown, engine: unknown): boolean {
  if (typeof oracle === 'string' && oracle.includes(OPEN_CAUSE)) return typeof engine === 'string';
  if (typeof oracle !== 'object' || oracle === null || typeof engine !== 'object' || engine === null)
    return isDeepStrictEqual(oracle, engine);
  if (Array.isArray(oracle) !== Array.isArray(engine)) return false;
  const names = Object.keys(oracle);
  return (
    names.length === Object.keys(engine).length &&
    names.every(
      (name) => Object.hasOwn(engine, name) && equal(oracle[name as keyof object], engine[name as keyof object]),
    )
  );
}

const nameOf = ({ state, place, attempt }: TaskCall): string => `${state} ${place} attempt ${attempt}`;

function callDifferences(oracle: OracleRun, engine: EngineRun): string[] {
  const missing = [...oracle.calls];
  const differences: string[] = [];
  for (const call of engine.calls) {
    const at = missing.findIndex(
      (one) => nameOf(one) === nameOf(call) && one.atMs === call.atMs && equal(one.input, call.input),
    );
    if (at < 0) differences.push(`the engine calls ${shown(call)}`);
    else missing.splice(at, 1);
  }
  for (const call of missing) if (!oracle.optional.has(call)) differences.push(`the oracle calls ${shown(call)}`);
  return differences;
}
