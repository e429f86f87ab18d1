/** Whether an SDK error may pass by itself: throttling, 5xx, and connections that broke. */
export function isTransient(error: unknown): boolean {
  const { name, code, $metadata, $retryable } = error as {
    name?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
    $retryable?: unknown;
  };
  const status = $metadata?.httpStatusCode;
  return (
    $retryable !== undefined ||
    status === 429 ||
    (status !== undefined && status >= 500 && status !== 501) ||
    /Throttl|ThroughputExceeded|RequestLimitExceeded|TransactionInProgress|TooManyRequests|Timeout|SlowDown/.test(
      name ?? '',
    ) ||
    /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN)/.test(code ?? '')
  );
}
