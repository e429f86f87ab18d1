import { AwsError } from '../../aws-error.ts';

/** Why an event did not get through, in the words of the dead-letter queue's message attributes. */
export interface DeliveryFailure {
  readonly code: string;
  readonly message: string;
  /** Whether trying again can help. */
  readonly retryable: boolean;
  /** What the target asked for. */
  readonly retryAfterMs?: number;
}

/** The template of a target gave no JSON; nothing that comes later mends that. */
export const UNUSABLE_INPUT: DeliveryFailure = {
  code: 'INVALID_JSON',
  message: 'The input transformer of the target did not produce valid JSON.',
  retryable: false,
};

/**
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html: what the caller did wrong (permissions, a
 * target that is gone) goes to the dead-letter queue at once, the rest is retried.
 */
export function describeFailure(error: unknown): DeliveryFailure {
  if (!(error instanceof AwsError)) return { code: 'SDK_CLIENT_ERROR', message: String(error), retryable: true };
  const { code, message, statusCode } = error;
  if (code.startsWith('ApiDestination')) {
    const { retryAfterMs } = error.fields;
    const asked = typeof retryAfterMs === 'number' ? { retryAfterMs } : {};
    return { code: 'SDK_CLIENT_ERROR', message, retryable: statusCode >= 500, ...asked };
  }
  if (/AccessDenied|NotAuthorized|Forbidden/.test(code)) return { code: 'NO_PERMISSIONS', message, retryable: false };
  if (/NotFound|DoesNotExist|NonExistent/.test(code)) return { code: 'NO_RESOURCE', message, retryable: false };
  if (/TooManyRequests|Throttl|LimitExceeded/.test(code) || statusCode === 429) {
    return { code: 'THROTTLING', message, retryable: true };
  }
  if (statusCode >= 500 && code !== 'NotImplemented') return { code: 'INTERNAL_ERROR', message, retryable: true };
  return { code: 'INVALID_PARAMETER', message: `${code}: ${message}`, retryable: false };
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 600_000;

/** Exponential backoff with jitter: between half of and the whole step. At 185 attempts the steps fill AWS's 24 hours. */
export const retryDelayMs = (attemptsSoFar: number, random: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** attemptsSoFar, LONGEST_DELAY_MS) * (0.5 + random / 2);
