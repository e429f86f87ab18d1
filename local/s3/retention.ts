import { AwsError } from '../aws-error.ts';
import { invalidArgument } from './s3-error.ts';

export type RetentionMode = 'GOVERNANCE' | 'COMPLIANCE';

/** Until when a version cannot be deleted: in GOVERNANCE by nobody without a permission of its own, in COMPLIANCE by nobody. */
export interface Retention {
  readonly mode: RetentionMode;
  readonly untilMs: number;
}

/** What new objects of a bucket get. One of days and years. */
export interface DefaultRetention {
  readonly mode: RetentionMode;
  readonly days?: number;
  readonly years?: number;
}

/** Of a bucket that has Object Lock. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
export interface LockConfiguration {
  readonly defaultRetention?: DefaultRetention;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_OF_YEAR = 365;
const MOST_YEARS = 100;

export const isRetentionMode = (text: string | undefined): text is RetentionMode =>
  text === 'GOVERNANCE' || text === 'COMPLIANCE';

/** What an object that is made now gets from its bucket. */
export function defaultRetention(lock: LockConfiguration | undefined, nowMs: number): Retention | undefined {
  if (!lock?.defaultRetention) return undefined;
  const { mode, days = 0, years = 0 } = lock.defaultRetention;
  return { mode, untilMs: nowMs + (days + years * DAYS_OF_YEAR) * DAY_MS };
}

/** From a document or a template, where numbers may be text. `malformed` is for what is no default retention at all. */
export function readDefaultRetention(
  { Mode, Days, Years }: { readonly Mode?: unknown; readonly Days?: unknown; readonly Years?: unknown },
  malformed: () => Error,
): DefaultRetention {
  const mode = Mode === undefined ? undefined : String(Mode);
  if (!isRetentionMode(mode) || (Days === undefined) === (Years === undefined)) throw malformed();
  const [unit, text] = Days === undefined ? (['years', Years] as const) : (['days', Days] as const);
  if (!/^-?\d{1,9}$/.test(String(text))) throw malformed();
  const value = Number(text);
  if (value < 1) {
    throw new AwsError('InvalidArgument', `Default retention period must be a positive integer value of ${unit}.`, 400);
  }
  if (value > (unit === 'days' ? MOST_YEARS * DAYS_OF_YEAR : MOST_YEARS)) {
    throw new AwsError('InvalidArgument', `Default retention period is too large: ${value} ${unit}.`, 400);
  }
  return { mode, [unit]: value };
}

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/** Throws InvalidArgument for what is no date or none in the future. `name` is that of the header or element. */
export function readRetainUntil(text: string, name: string, nowMs: number): number {
  const untilMs = ISO_8601.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(untilMs)) {
    throw invalidArgument('The retain until date must be provided in ISO 8601 format', name, text);
  }
  if (untilMs <= nowMs) throw invalidArgument('The retain until date must be in the future!', name, text);
  return untilMs;
}

/** For the condition key `s3:object-lock-remaining-retention-days`. */
export const remainingDays = ({ untilMs }: Retention, nowMs: number): number => Math.ceil((untilMs - nowMs) / DAY_MS);

/** Whether a change from one retention to another takes protection away while the first one still protects. */
export function weakens(from: Retention, to: Retention | undefined): boolean {
  return to === undefined || to.untilMs < from.untilMs || (from.mode === 'COMPLIANCE' && to.mode === 'GOVERNANCE');
}
