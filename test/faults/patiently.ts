const POLL_MS = 40;

/**
 * Asks until there is an answer, as a client does whose service may be down for a while: an error is asked again, and is told only when
 * time is up. The time is a bound for something that went wrong, not a wait.
 */
export async function patiently<T>(what: string, ask: () => Promise<T | undefined>, withinMs = 240_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not within ${withinMs / 1000} s${last ? `; the last answer was ${last}` : ''}`, {
        cause: last,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
