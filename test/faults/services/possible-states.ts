/** How a request ended: answered, refused (in words of the service), or nobody knows, since its answer was lost. */
export type Fate = 'acknowledged' | 'refused' | 'unknown';

/**
 * All that one client's things can be, after what it did to them one request after the other. A request whose answer was lost leaves two
 * possibilities, until something is seen; what is seen stays so.
 */
export class PossibleStates<S> {
  #states: readonly S[];

  constructor(first: S) {
    this.#states = [first];
  }

  get all(): readonly S[] {
    return this.#states;
  }

  /**
   * `step` says what the request makes of a state, or undefined where it is refused. Answers what is wrong: an answer that no state explains;
   * then all states are taken as possible after it, so that one fault is told once.
   */
  after(fate: Fate, step: (state: S) => S | undefined): string | undefined {
    const before = this.#states;
    const stepped = before.flatMap((state) => step(state) ?? []);
    const unchanged = fate === 'unknown' ? before : before.filter((state) => step(state) === undefined);
    const states = fate === 'acknowledged' ? stepped : fate === 'refused' ? unchanged : [...unchanged, ...stepped];
    this.#states = states.length > 0 ? distinct(states) : distinct([...before, ...stepped]);
    return states.length > 0 ? undefined : `a request was ${fate} that cannot be, from ${shown(before)}`;
  }

  /** Something was seen that is so in some of the states. Answers what is wrong when it is so in none, and goes on from `instead`. */
  saw(what: string, isSo: (state: S) => boolean, instead: (state: S) => S): string | undefined {
    const before = this.#states;
    const left = before.filter(isSo);
    this.#states = left.length > 0 ? left : distinct(before.map(instead));
    return left.length > 0 ? undefined : `${what} was seen, which must be one of ${shown(before)}`;
  }
}

function distinct<S>(states: readonly S[]): readonly S[] {
  return [...new Map(states.map((state) => [JSON.stringify(state), state])).values()];
}

const MOST_SHOWN = 4;

const shown = (states: readonly unknown[]): string =>
  `${states
    .slice(0, MOST_SHOWN)
    .map((state) => JSON.stringify(state))
    .join(' or ')}${states.length > MOST_SHOWN ? ' or …' : ''}`;
