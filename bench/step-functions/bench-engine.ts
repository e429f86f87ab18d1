import { systemClock } from '../../local/clock.ts';
import { systemIds } from '../../local/ids.ts';
import { Engine } from '../../local/step-functions/engine/engine.ts';
import type { ExecutionRow } from '../../local/step-functions/engine/execution-log.ts';
import type { Entry } from '../../local/step-functions/interpreter/entry.ts';
import { Store } from '../../local/store/store.ts';

const MACHINE = 'arn:aws:states:eu-west-1:111111111111:stateMachine:bench';

/** What went to disk: what the floor has to write as well. */
export interface Written {
  readonly commits: number;
  readonly bytes: number;
}

class CountingStore extends Store {
  commits = 0;
  #inside = false;

  override transaction<T>(fn: () => T): T {
    if (this.#inside) return super.transaction(fn);
    this.#inside = true;
    try {
      const result = super.transaction(fn);
      this.commits += 1;
      return result;
    } finally {
      this.#inside = false;
    }
  }
}

/** An engine whose tasks are answered at once, on a store of its own. */
export class BenchEngine {
  readonly engine: Engine;
  readonly #store: CountingStore;
  readonly #listeners = new Set<(arn: string, entry: Entry) => void>();
  #started = 0;

  /** `file` may be `:memory:`. */
  constructor(file: string) {
    this.#store = new CountingStore(file);
    this.engine = new Engine({
      store: this.#store,
      clock: systemClock,
      ids: systemIds,
      region: 'eu-west-1',
      log: (level, message, fields) => {
        throw new Error(`${level}: ${message} ${JSON.stringify(fields)}`);
      },
      hasActivity: () => false,
      onStatusChanged: () => {},
      onCommitted: ({ header }, entries) => {
        for (const listener of this.#listeners) for (const entry of entries) listener(header.arn, entry);
      },
      caller: {
        supports: () => true,
        call(_request, report) {
          report.succeeded({ ok: true });
          return () => {};
        },
        resume: () => () => {},
      },
    });
  }

  get written(): Written {
    const { bytes } = this.#store.prepare('SELECT ifnull(sum(length(entries)), 0) AS bytes FROM sfn_segment').get() as {
      bytes: number;
    };
    return { commits: this.#store.commits, bytes };
  }

  /** Starts an execution, together with others that are started in this turn. */
  async start(definition: unknown, input: unknown): Promise<string> {
    this.#started += 1;
    const name = `run-${this.#started}-${systemIds.hex(8)}`;
    const arn = `${MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;
    const text = JSON.stringify(definition);
    await this.engine.together(() =>
      this.engine.start({
        header: {
          arn,
          name,
          stateMachineArn: MACHINE,
          stateMachineName: 'bench',
          roleArn: 'arn:aws:iam::111111111111:role/bench',
        },
        definition: text,
        revision: text,
        input: JSON.stringify(input),
      }),
    );
    return arn;
  }

  async run(definition: unknown, input: unknown): Promise<ExecutionRow> {
    const arn = await this.start(definition, input);
    const row = await new Promise<ExecutionRow>((resolve) => this.engine.whenEnded(arn, resolve));
    if (row.status !== 'SUCCEEDED') throw new Error(`${arn} ended as ${row.status}: ${row.error} ${row.cause}`);
    return row;
  }

  /** Milliseconds from asking for an execution to the entry into its first state being on disk. */
  async untilFirstState(definition: unknown): Promise<number> {
    const beganMs = performance.now();
    let startedArn: string | undefined;
    const seen = new Set<string>();
    let done = () => {};
    const listener = (arn: string, entry: Entry) => {
      if (!entry.type.endsWith('StateEntered')) return;
      seen.add(arn);
      if (arn === startedArn) done();
    };
    this.#listeners.add(listener);
    startedArn = await this.start(definition, {});
    if (!seen.has(startedArn)) await new Promise<void>((resolve) => (done = resolve));
    this.#listeners.delete(listener);
    return performance.now() - beganMs;
  }

  close(): void {
    this.engine.stop();
    this.#store.close();
  }
}
