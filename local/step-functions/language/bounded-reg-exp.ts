import { createContext, Script } from 'node:vm';
import { runtimeProblem } from './problem.ts';

/** Longer than any sensible search takes, short enough that a pattern such as `(a+)+$` cannot hold up the runtime. */
const LIMIT_MS = 500;
/** Without a repetition a search is quick. One is enough to be slow: `(a|aa)+$`. */
const MAY_BE_SLOW = /[*+}]/;

const search = createContext({ run: undefined as (() => unknown) | undefined });
const script = new Script('run()');

/** A replacement searches again and again: what one expression takes within this time counts together. */
const WINDOW_MS = 5_000;

/** A regular expression from a definition: a search that takes too long is a Problem, not a hang. */
export class BoundedRegExp extends RegExp {
  #windowEndsMs = 0;
  #leftMs = 0;

  override exec(text: string): RegExpExecArray | null {
    if (!MAY_BE_SLOW.test(this.source)) return super.exec(text);
    const startedMs = performance.now();
    if (startedMs > this.#windowEndsMs) {
      this.#windowEndsMs = startedMs + WINDOW_MS;
      this.#leftMs = LIMIT_MS;
    }
    search.run = () => super.exec(text);
    try {
      return script.runInContext(search, { timeout: Math.max(1, Math.ceil(this.#leftMs)) }) as RegExpExecArray | null;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw runtimeProblem(`The regular expression /${this.source}/ took longer than ${LIMIT_MS} ms.`);
    } finally {
      search.run = undefined;
      this.#leftMs -= performance.now() - startedMs;
    }
  }
}
