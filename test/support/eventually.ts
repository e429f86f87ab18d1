const POLL_MS = 100;

/**
 * Asks until there is an answer that is not undefined, for what happens elsewhere and tells nobody. The time is a bound for something
 * that went wrong, not a wait: the test goes on as soon as there is an answer.
 */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, withinMs = 120_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
