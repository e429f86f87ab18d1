import type { Fact } from '../../domain/fact.ts';

type ReadFacts = (limit: number) => Promise<readonly Fact[]>;

/** Wide enough for what comes between two looks, and for a fact that the index shows late. */
const WINDOW = 100;
/** After a pause (a laptop that slept) more may be new than the window holds. */
const WIDE_WINDOW = 2000;

/**
 * New facts, each once, from the registry's outbox: the ones that go to the bus. Reading them takes the permission to read
 * the registry and nothing else, and leaves no queue and no rule behind.
 */
export class FactFollower {
  readonly #read: ReadFacts;
  #seen = new Set<string>();

  private constructor(read: ReadFacts) {
    this.#read = read;
  }

  /** From now on: what is there already is not told. */
  static async begin(read: ReadFacts): Promise<FactFollower> {
    const follower = new FactFollower(read);
    await follower.next();
    return follower;
  }

  /** What has been told since the last call, oldest first. */
  async next(): Promise<Fact[]> {
    let facts = await this.#read(WINDOW);
    const isFull = facts.length === WINDOW && facts.every((fact) => !this.#seen.has(fact.id));
    if (isFull && this.#seen.size > 0) facts = await this.#read(WIDE_WINDOW);
    const fresh = facts.filter((fact) => !this.#seen.has(fact.id));
    this.#seen = new Set([...this.#seen, ...facts.map((fact) => fact.id)].slice(-2 * WIDE_WINDOW));
    return fresh.toReversed();
  }
}
