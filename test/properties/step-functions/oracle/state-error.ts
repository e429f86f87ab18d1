/** Stands for a cause whose text the specification leaves open, wherever it gets to in the data. */
export const OPEN_CAUSE = '\u0001a cause that the specification does not fix\u0001';

/** A state failed, with an error that has a name, as all but some Fail states have. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly error: string | undefined;
  /** Null: there is none. */
  readonly why: string | null;
  /** A timeout that a missing heartbeat caused. */
  readonly heartbeat: boolean;

  constructor(error: string | undefined, why: string | null = OPEN_CAUSE, heartbeat = false) {
    super(error);
    this.error = error;
    this.why = why;
    this.heartbeat = heartbeat;
  }
}
