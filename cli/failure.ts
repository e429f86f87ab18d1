import type { ExitCode } from './exit-codes.ts';

/** What a command ends with when it cannot do what was asked: what was wrong and where, and what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;
  readonly hint: string | null;

  constructor(
    exitCode: ExitCode,
    message: string,
    { hint = null, cause }: { hint?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.exitCode = exitCode;
    this.hint = hint;
  }
}
