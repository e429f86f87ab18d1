import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { SeededRandom } from '../../../ml/seeded-random.ts';
import { pause } from './caller.ts';
import type { HeardEvent } from './told-events.ts';

/** So often it is not to be had: what is owed to it then is owed for a second or more, and over kills. */
const UNAVAILABLE = 0.4;
const LONGEST_THOUGHT_MS = 60;

/** The endpoint of an API destination, in this process: it outlives the runtime, and knows what it took. */
export interface FlakyListener {
  readonly url: string;
  /** What it answered 200 to. */
  readonly heard: readonly HeardEvent[];
  /** From now on it is always to be had. */
  calm(): void;
  close(): void;
}

export async function openFlakyListener(random: SeededRandom): Promise<FlakyListener> {
  const heard: HeardEvent[] = [];
  let isCalm = false;
  const server = createServer(async (request, response) => {
    try {
      const { id, detail } = (await json(request)) as { id: string; detail: { n: number } };
      await pause(random.below(LONGEST_THOUGHT_MS));
      response.statusCode = !isCalm && random.next() < UNAVAILABLE ? 503 : 200;
      if (response.statusCode === 200) heard.push({ n: detail.n, id });
      response.end();
    } catch {
      // A kill cut the request off: it is made again.
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    heard,
    calm() {
      isCalm = true;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
