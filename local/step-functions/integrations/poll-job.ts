import type { Clock } from '../../clock.ts';

const FIRST_MS = 100;
const LONGEST_MS = 1000;

/**
 * Asks whether a job has ended, at once, soon and then every second, as Step Functions does for what it cannot hear of. Returns how to give it up.
 * What `read` throws ends it as well.
 */
export function pollJob<T>(
  clock: Clock,
  read: () => Promise<T | undefined>,
  ended: (description: T) => void,
  failed: (error: unknown) => void,
): () => void {
  let cancelTimer = () => {};
  let givenUp = false;
  let waitMs = FIRST_MS;
  const look = async () => {
    try {
      const description = await read();
      if (givenUp) return;
      if (description !== undefined) return ended(description);
      cancelTimer = clock.at(clock.now() + waitMs, () => void look());
      waitMs = Math.min(waitMs * 2, LONGEST_MS);
    } catch (error) {
      if (!givenUp) failed(error);
    }
  };
  void look();
  return () => {
    givenUp = true;
    cancelTimer();
  };
}
