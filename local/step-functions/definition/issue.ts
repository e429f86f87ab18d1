/** One thing wrong with a definition, as ValidateStateMachineDefinition tells it. */
export interface Issue {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** `/States/Publish/Resource` */
  readonly location: string;
}

export class Issues {
  readonly all: Issue[] = [];
  /** The definition as it was given. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  label(message: string, location: string): void {
    this.all.push({ severity: 'ERROR', code: WHOLE_MESSAGE, message, location });
  }

  schema(message: string, location: string): void {
    this.all.push({ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message, location: location || '/' });
  }

  missingTarget(message: string, location: string): void {
    this.all.push({ severity: 'ERROR', code: 'MISSING_TRANSITION_TARGET', message, location: location || '/' });
  }
}

/** The issue that stands for a whole message of its own. */
export const WHOLE_MESSAGE = 'INVALID_LABEL';

/** What CreateStateMachine answers for the errors among `issues`; undefined when there is none. */
export function refusalMessage(issues: readonly Issue[]): string | undefined {
  const errors = issues.filter(({ severity }) => severity === 'ERROR');
  if (errors.length === 0) return undefined;
  const whole = errors.find(({ code }) => code === WHOLE_MESSAGE);
  if (whole) return whole.message;
  const text = errors
    .map(({ code, message, location }) =>
      location === '' ? `${code}: ${message}` : `${code}: ${message} at ${location}`,
    )
    .join(', ');
  return `Invalid State Machine Definition: '${text}'`;
}
