import { formatArn } from '../arn.ts';
import { AwsError } from '../aws-error.ts';
import type { AccountContext, Background } from '../service.ts';
import type { Archives } from './archives.ts';
import { withReplayName } from './event.ts';
import type { Router } from './router.ts';

export interface Replay {
  readonly name: string;
  readonly arn: string;
  readonly archive: string;
  readonly bus: string;
  readonly filterArns: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: 'STARTING' | 'RUNNING' | 'COMPLETED' | 'CANCELLED';
  /** When the minute begins that is being sent. */
  readonly sliceFromMs?: number;
  /** The last event of it that was sent. */
  readonly lastSequence: number;
  /** Time in the last event that was sent again. */
  readonly lastEventMs?: number;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
}

const BATCH = 100;
const SLICE_MS = 60_000;

/**
 * Sends archived events to their bus again, by the time in them: those of one minute, then those of the next.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html. Where it stands is durable: after a restart it goes on there. */
export class Replays implements Background {
  readonly #ctx: AccountContext;
  readonly #archives: Archives;
  readonly #router: Router;
  #running = false;

  constructor(ctx: AccountContext, archives: Archives, router: Router) {
    this.#ctx = ctx;
    this.#archives = archives;
    this.#router = router;
    ctx.store.define(`
      CREATE TABLE IF NOT EXISTS events_replays (name TEXT PRIMARY KEY, state TEXT NOT NULL, replay TEXT NOT NULL) STRICT;
    `);
  }

  create(request: Pick<Replay, 'name' | 'archive' | 'bus' | 'filterArns' | 'fromMs' | 'toMs'>): Replay {
    if (this.find(request.name)) {
      throw new AwsError('ResourceAlreadyExistsException', `Replay ${request.name} already exists.`);
    }
    const replay: Replay = {
      ...request,
      arn: formatArn('events', this.#ctx.region, this.#ctx.accountId, `replay/${request.name}`),
      state: 'STARTING',
      lastSequence: 0,
      startedAtMs: this.#ctx.clock.now(),
    };
    this.#save(replay);
    this.#work(replay.name);
    return replay;
  }

  find(name: string): Replay | undefined {
    const row = this.#ctx.store.prepare('SELECT replay FROM events_replays WHERE name = ?').get(name);
    return row && (JSON.parse(row.replay as string) as Replay);
  }

  list(): readonly Replay[] {
    const rows = this.#ctx.store.prepare('SELECT replay FROM events_replays ORDER BY name').all();
    return rows.map(({ replay }) => JSON.parse(replay as string) as Replay);
  }

  /** What was sent stays sent. Throws IllegalStatusException when it is over already. */
  cancel(name: string): void {
    const replay = this.find(name);
    if (replay?.state !== 'STARTING' && replay?.state !== 'RUNNING') {
      throw new AwsError('IllegalStatusException', `Replay ${name} is not in a valid state for this operation.`);
    }
    this.#save({ ...replay, state: 'CANCELLED', endedAtMs: this.#ctx.clock.now() });
  }

  start(): void {
    this.#running = true;
    for (const { name } of this.list()) this.#work(name);
  }

  async stop(): Promise<void> {
    this.#running = false;
  }

  /** One batch, then the next, each in a transaction of its own, so that others get their turn. */
  #work(name: string): void {
    if (!this.#running) return;
    this.#ctx.clock.at(this.#ctx.clock.now(), () => {
      if (!this.#running) return;
      const replay = this.find(name);
      if (replay?.state !== 'STARTING' && replay?.state !== 'RUNNING') return;
      this.#ctx.store.transaction(() => this.#sendBatch(replay));
      this.#work(name);
    });
  }

  #sendBatch(replay: Replay): void {
    const { archive, bus, name, fromMs, toMs, filterArns, lastSequence, sliceFromMs = fromMs } = replay;
    const sliceToMs = Math.min(sliceFromMs + SLICE_MS - 1, toMs);
    const batch = this.#archives.read(archive, {
      fromMs: sliceFromMs,
      toMs: sliceToMs,
      after: lastSequence,
      limit: BATCH,
    });
    for (const { event } of batch) {
      this.#router.route(bus, withReplayName(event, name), { replayTo: filterArns });
    }
    const last = batch.at(-1);
    if (last) {
      const lastEventMs = Math.max(...batch.map(({ atMs }) => atMs));
      this.#save({ ...replay, state: 'RUNNING', sliceFromMs, lastSequence: last.sequence, lastEventMs });
      return;
    }
    const next = this.#archives.firstTime(archive, sliceToMs + 1, toMs);
    this.#save(
      next === undefined
        ? { ...replay, state: 'COMPLETED', endedAtMs: this.#ctx.clock.now() }
        : {
            ...replay,
            state: 'RUNNING',
            sliceFromMs: next - ((next - fromMs) % SLICE_MS),
            lastSequence: 0,
          },
    );
  }

  #save(replay: Replay): void {
    this.#ctx.store
      .prepare('INSERT OR REPLACE INTO events_replays VALUES (?, ?, ?)')
      .run(replay.name, replay.state, JSON.stringify(replay));
  }
}
