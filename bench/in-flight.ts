export interface Flight {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Calls `operation` `count` times, `inFlight` at a time, the next as soon as one is done. */
export async function inFlight(
  count: number,
  inFlight: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Flight> {
  const latencies: number[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next++;
      const beganMs = performance.now();
      await operation(index);
      latencies.push(performance.now() - beganMs);
    }
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  const ms = performance.now() - beganMs;
  latencies.sort((left, right) => left - right);
  const at = (share: number) => Number(latencies[Math.floor(latencies.length * share)]?.toFixed(2));
  return { perSecond: Math.round((count / ms) * 1000), p50Ms: at(0.5), p99Ms: at(0.99) };
}
