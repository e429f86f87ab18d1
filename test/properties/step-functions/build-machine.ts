import type { Mode } from './machines.ts';
import { type Fields, type ProgramSpec, present, type StateSpec } from './state-specs.ts';
import type { ScriptedTask, TaskScript } from './task-script.ts';

export interface BuiltMachine {
  readonly definition: Record<string, unknown>;
  readonly script: TaskScript;
}

/** Gives a specification names, links and variables: what comes of it is a valid definition, every run of which ends. */
export function buildMachine(mode: Mode, states: ProgramSpec, top: Fields): BuiltMachine {
  const naming: Naming = { mode, count: 0, script: {} };
  const program = build(states, naming, 0);
  return {
    definition: present({ QueryLanguage: mode === 'JSONata' ? mode : undefined, ...top, ...program }),
    script: naming.script,
  };
}

interface Naming {
  readonly mode: Mode;
  count: number;
  readonly script: Record<string, ScriptedTask>;
}

/** Links each state to the one after it; every other way out leads forward too. */
function build(
  states: ProgramSpec,
  naming: Naming,
  depth: number,
): { StartAt: string; States: Record<string, unknown> } {
  const needsEnd = states.at(-1)?.choices !== undefined || states.at(-1)?.catchers?.length;
  const all: ProgramSpec = [begin(naming.mode, depth), ...states, ...(needsEnd ? [{ fields: { Type: 'Pass' } }] : [])];
  const names = all.map(({ fields }) => `${fields.Type}${++naming.count}`);
  const built = all.map((spec, at): [string, unknown] => {
    const next = names[at + 1];
    const target = (way: number) => names[Math.min(at + 1 + way, names.length - 1)]!;
    const { fields, task, choices, hasDefault, catchers = [], programs = [] } = spec;
    if (task) naming.script[names[at]!] = task;
    const branches = programs.map((one) => build(one, naming, depth + 1));
    const own = present({
      ...fields,
      ...(choices && {
        Choices: choices.map((one, way) => ({ ...one, Next: target(way) })),
        ...(hasDefault && { Default: next }),
      }),
      ...(catchers.length > 0 && { Catch: catchers.map((one, way) => ({ ...one, Next: target(way) })) }),
      ...(!choices &&
        !['Succeed', 'Fail'].includes(String(fields.Type)) &&
        (next === undefined ? { End: true } : { Next: next })),
    });
    return [
      names[at]!,
      {
        ...(at === 0 ? own : (inScope(own, depth) as Fields)),
        ...(fields.Type === 'Parallel' && { Branches: branches }),
        ...(fields.Type === 'Map' && { ItemProcessor: branches[0] }),
      },
    ];
  });
  return { StartAt: names[0]!, States: Object.fromEntries(built) };
}

const NAMES = ['num', 'txt', 'arr', 'rec'];

/** Inner scopes see the variables of outer ones, and may not assign them: each depth has its own. */
const nameAt = (name: string, depth: number): string => (depth === 0 ? name : `${name}${depth}`);

/** Assigns the variables that expressions speak of: the machine its first ones, a branch those that it finds. */
function begin(mode: Mode, depth: number): StateSpec {
  const rec = { k: 6, t: 'tee', rows: [{ n: 1 }, { n: 2, k: 0 }] };
  const first = { txt: 'text', arr: [5, 4, 4], rec };
  const [dollar, number, found] =
    mode === 'JSONata'
      ? ['', '{% $states.input.n + 1 %}', (name: string) => `{% $${name} %}`]
      : ['.$', 'States.MathAdd($.n, 1)', (name: string) => `$${name}`];
  const Assign =
    depth === 0
      ? { [`num${dollar}`]: number, ...first }
      : Object.fromEntries(NAMES.map((name) => [`${nameAt(name, depth)}${dollar}`, found(nameAt(name, depth - 1))]));
  return { fields: { Type: 'Pass', Assign } };
}

/** The value with the names of variables, assigned and read, of so deep a scope. */
function inScope(value: unknown, depth: number, assigned = false): unknown {
  if (typeof value === 'string') return value.replace(/\$(num|txt|arr|rec)\b/g, (_, name) => `$${nameAt(name, depth)}`);
  if (Array.isArray(value)) return value.map((item) => inScope(item, depth));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      assigned ? name.replace(/^(num|txt|arr|rec)(?=$|\.)/, (known) => nameAt(known, depth)) : name,
      inScope(item, depth, name === 'Assign' && !assigned),
    ]),
  );
}
