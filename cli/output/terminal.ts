import { type Paint, paintFor } from './paint.ts';

/** Where a command says what it has to say. */
export interface Terminal {
  /** A line of the answer. */
  out(line: string): void;
  /** A line beside the answer: progress, warnings, errors. Never part of `--json`. */
  err(line: string): void;
  /** Characters that a line may have; Infinity where nobody looks at it in a window. */
  readonly columns: number;
  readonly isInteractive: boolean;
  readonly paint: Paint;
}

export function processTerminal(process: NodeJS.Process): Terminal {
  const isInteractive = process.stdout.isTTY === true;
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    get columns() {
      return isInteractive ? (process.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
    },
    isInteractive,
    paint: paintFor(process.env, isInteractive),
  };
}
