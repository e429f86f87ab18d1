import type { LogLine, ReadLines } from './read-logs.ts';

/** Lines come late: CloudWatch shows a line some seconds after it was written. */
const LOOK_BACK_MS = 10_000;

/** New lines, each once, in the order in which they are seen. */
export class LogFollower {
  readonly #read: ReadLines;
  readonly #grep: string | undefined;
  #fromMs: number;
  /** Id and time of what was told and may be read again. */
  #told = new Map<string, number>();

  constructor(read: ReadLines, { fromMs, grep }: { readonly fromMs: number; readonly grep?: string | undefined }) {
    this.#read = read;
    this.#fromMs = fromMs;
    this.#grep = grep;
  }

  /** What has come since the last call. */
  async next(): Promise<LogLine[]> {
    const lines = await this.#read({ fromMs: this.#fromMs, grep: this.#grep });
    const fresh = lines.filter(({ id }) => !this.#told.has(id));
    for (const { id, at } of fresh) this.#told.set(id, Date.parse(at));
    const newestMs = Math.max(this.#fromMs, ...[...this.#told.values()].map((ms) => ms - LOOK_BACK_MS));
    this.#fromMs = newestMs;
    this.#told = new Map([...this.#told].filter(([, ms]) => ms >= newestMs));
    return fresh;
  }
}
