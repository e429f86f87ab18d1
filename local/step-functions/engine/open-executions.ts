import type { Clock } from '../../clock.ts';
import type { Actor } from './actor.ts';
import type { OpenExecution } from './execution-log.ts';
import { ParkedExecutions } from './parked-executions.ts';

export interface OpenExecutionsHost {
  readonly clock: Clock;
  /** How many executions that only wait are kept in memory. */
  readonly idleInMemory: number;
  /** Reads an execution's log. Throws when it cannot be read. */
  load(key: number): Actor;
  onUnreadable(key: number, error: unknown): void;
}

/** Logs that are read in one turn of the event loop, when many executions are taken up at once. */
const LOADED_IN_ONE_TURN = 50;

/** The open executions of an engine: those in memory have an actor each, the others are parked until something happens to them. */
export class OpenExecutions {
  readonly #host: OpenExecutionsHost;
  readonly #actors = new Map<number, Actor>();
  /** Of the actors, those that only wait; the one that has waited longest first. */
  readonly #idle = new Map<number, Actor>();
  readonly #parked: ParkedExecutions;
  #toLoad: number[] = [];

  constructor(host: OpenExecutionsHost) {
    this.#host = host;
    this.#parked = new ParkedExecutions(host.clock, (key) => this.#loadSoon([key]));
  }

  /** The actor, where it is in memory. */
  get(key: number): Actor | undefined {
    return this.#actors.get(key);
  }

  /** The actor, from the log where it has to be. */
  actorOf(key: number): Actor {
    const actor = this.#actors.get(key) ?? this.#host.load(key);
    this.add(actor);
    return actor;
  }

  add(actor: Actor): void {
    this.#idle.delete(actor.key);
    this.#parked.leave(actor.key);
    this.#actors.set(actor.key, actor);
  }

  forget(key: number): void {
    this.#idle.delete(key);
    this.#parked.leave(key);
    this.#actors.delete(key);
  }

  /** The execution only waits: where too many do, the one that has waited longest leaves the memory. */
  idle(key: number): void {
    const actor = this.#actors.get(key);
    if (!actor) return;
    this.#idle.delete(key);
    this.#idle.set(key, actor);
    for (const [oldest, waiting] of this.#idle) {
      if (this.#idle.size <= this.#host.idleInMemory) return;
      this.#idle.delete(oldest);
      this.#actors.delete(oldest);
      const { dueMs = null } = waiting;
      waiting.drop();
      this.#parked.park(oldest, dueMs);
    }
  }

  /** After a start: executions that only wait are parked, the others are loaded a few at a time. */
  takeUp(executions: readonly OpenExecution[]): void {
    for (const { key, attended, dueMs } of executions) if (!attended) this.#parked.park(key, dueMs);
    this.#loadSoon(executions.filter(({ attended }) => attended).map(({ key }) => key));
  }

  /** Every actor, once all that have to be in memory are. */
  all(): readonly Actor[] {
    while (this.#toLoad.length > 0) this.#loadSome();
    return [...this.#actors.values()];
  }

  get busy(): boolean {
    if (this.#toLoad.length > 0) return true;
    for (const actor of this.#actors.values()) if (actor.busy) return true;
    return false;
  }

  /** Resolves when nothing is left to decide or to write. */
  async settled(): Promise<void> {
    do {
      await Promise.all(this.all().map((actor) => actor.settled()));
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.busy);
  }

  drop(): void {
    for (const actor of this.#actors.values()) actor.drop();
    this.#actors.clear();
    this.#idle.clear();
    this.#parked.close();
    this.#toLoad = [];
  }

  #loadSoon(keys: readonly number[]): void {
    if (keys.length === 0) return;
    if (this.#toLoad.length === 0) setImmediate(() => this.#loadNext());
    for (const key of keys) this.#toLoad.push(key);
  }

  #loadNext(): void {
    this.#loadSome();
    if (this.#toLoad.length > 0) setImmediate(() => this.#loadNext());
  }

  #loadSome(): void {
    for (const key of this.#toLoad.splice(0, LOADED_IN_ONE_TURN)) {
      try {
        this.actorOf(key).wake();
      } catch (error) {
        this.#host.onUnreadable(key, error);
      }
    }
  }
}
