import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BEGIN = '<!-- made by `npm run generate` from the headers of functions/*/step.ts -->';
const END = '<!-- end -->';

interface StateErrors {
  readonly machines: readonly string[];
  readonly state: string;
  readonly folder: string;
  readonly terminal: readonly string[];
  readonly transient: readonly string[];
}

/** What a step's header says: `Runs in:` which machine and state, and what it `Throws:`, by kind. Undefined for what is no state. */
function readHeader(root: string, folder: string): StateErrors | undefined {
  const text = readFileSync(join(root, 'functions', folder, 'step.ts'), 'utf8').replaceAll(/\n \*\s+/g, ' ');
  const where = /Runs in:\s+([\w-]+)(?: and ([\w-]+))?, state (\w+)/.exec(text);
  if (!where) return undefined;
  const throws = /Throws:(.*?)Repeating is safe/s.exec(text)?.[1] ?? '';
  // "A, B (terminal), C (why: transient)": the kind in brackets goes for the names before it.
  const kinds = { terminal: [] as string[], transient: [] as string[] };
  for (const [, names = '', kind] of throws.matchAll(
    /((?:[A-Z]\w+(?: \((?!terminal|transient)[^)]*\))?,?\s*)+)\((?:[^)]*\b)?(terminal|transient)\)/g,
  )) {
    kinds[kind as keyof typeof kinds].push(...[...names.matchAll(/[A-Z][a-z]\w+/g)].map(([name]) => name));
  }
  const machines = [where[1], where[2]].filter((name) => name !== undefined);
  return { machines, state: where[3] as string, folder, ...kinds };
}

/** The table of statemachines/README.md: state → function → the errors that it may raise. */
export function stateErrorsTable(root: string): string {
  const rows = readdirSync(join(root, 'functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .map(({ name }) => readHeader(root, name))
    .filter((row) => row !== undefined)
    .sort((a, b) =>
      a.machines[0] === b.machines[0]
        ? a.state < b.state
          ? -1
          : 1
        : (a.machines[0] as string) < (b.machines[0] as string)
          ? -1
          : 1,
    )
    .map(
      ({ machines, state, folder, terminal, transient }) =>
        `| ${machines.join(', ')} | ${state} | \`functions/${folder}\` | ${terminal.join(', ')} | ${transient.join(', ')} |`,
    );
  return ['| machine | state | function | terminal errors | transient errors |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** The README with its table made anew. */
export function withStateErrors(readme: string, root: string): string {
  const [before = '', rest = ''] = readme.split(BEGIN);
  const after = rest.split(END)[1] ?? '\n';
  return `${before.trimEnd()}\n\n${BEGIN}\n${stateErrorsTable(root)}\n${END}${after}`;
}
