import { formatDuration } from '../output/durations.ts';
import { printable } from '../output/paint.ts';
import { formatTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import type { CaseOutcome } from './run-case.ts';

const json = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** One case: a line, and what is wrong with it. `verbose`: each state with what it got and gave, always. */
export function printOutcome(
  terminal: Terminal,
  outcome: CaseOutcome,
  { verbose }: { readonly verbose: boolean },
): void {
  const { paint } = terminal;
  const { passed, name, path, durationMs, differences, problem } = outcome;
  const states = `${path.length} ${path.length === 1 ? 'state' : 'states'}, ${formatDuration(durationMs)}`;
  terminal.out(`${passed ? paint.good('✓') : paint.bad('✗')} ${printable(name)} ${paint.dim(`(${states})`)}`);
  if (problem !== undefined) for (const line of problem.split('\n')) terminal.out(`  ${line}`);
  for (const { place, ...values } of differences) {
    terminal.out(`  ${printable(place)}`);
    terminal.out(paint.good(`    expected ${printable('expected' in values ? json(values.expected) : 'nothing')}`));
    terminal.out(paint.bad(`    was      ${printable('actual' in values ? json(values.actual) : 'nothing')}`));
  }
  if (passed && !verbose) return;
  printVisits(terminal, outcome);
  printEnd(terminal, outcome);
}

function printVisits(terminal: Terminal, { visits }: CaseOutcome): void {
  if (visits.length === 0) return;
  const lines = formatTable(
    [
      { title: 'STATE', keep: true },
      { title: 'TRIES', align: 'right' },
      { title: 'GOT', leaves: 1 },
      { title: 'SENT' },
      { title: 'GAVE' },
    ],
    visits.map((visit) => [
      `${'  '.repeat(visit.depth)}${visit.state}`,
      visit.attempts.length === 0 ? '' : String(visit.attempts.length),
      json(visit.input),
      visit.attempts.length === 0 ? '' : json(visit.attempts.at(-1)?.sent),
      visit.leftAtMs === undefined
        ? { text: visit.failure ? `${visit.failure.error ?? 'failed'}` : 'not left', paint: terminal.paint.bad }
        : json(visit.output),
    ]),
    { width: terminal.columns - 2, heading: terminal.paint.dim },
  );
  for (const line of lines) terminal.out(`  ${line}`);
}

function printEnd({ out, paint }: Terminal, { status, output, error, cause, next }: CaseOutcome): void {
  out(
    `  ${paint.bold(status)}${error === undefined ? '' : ` ${printable(error)}`}${next === undefined ? '' : ` → ${printable(next)}`}`,
  );
  if (cause) out(`  cause  ${printable(cause)}`);
  if (output !== undefined) out(`  output ${printable(json(output))}`);
}
