import type { Failure } from '../interpreter/failure.ts';

/** Why a map run fails: the error and cause of its MapRunFailed. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly failure: Failure;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.failure = { error, cause };
  }
}

export const itemReaderFailed = (cause: string): RunFailure => new RunFailure('States.ItemReaderFailed', cause);

export const resultWriterFailed = (cause: string): RunFailure => new RunFailure('States.ResultWriterFailed', cause);
