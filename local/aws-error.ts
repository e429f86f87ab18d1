/**
 * An answer that AWS would give instead of a result. The protocol layer turns it into the error shape of the service's
 * protocol; `code` and `message` are AWS's own.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly statusCode: number;
  /** Further members of the error shape, e.g. `CancellationReasons`, `Item`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, statusCode = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
    this.fields = fields;
  }
}

/** What is not done here is refused by name, never silently ignored; with 400, for it is no failure that trying again would mend. */
export const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `${what} is not implemented by Sluice's local runtime. See local/SUPPORT.md.`);
