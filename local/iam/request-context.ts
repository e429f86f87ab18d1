/** Condition key → value or values of one request. */
export type ContextValues = Readonly<Record<string, string | readonly string[]>>;

/**
 * What the conditions of a policy can ask about a request. Keys are compared without regard to case. Most statements ask
 * nothing, so nothing is gathered before the first question.
 */
export class RequestContext {
  readonly #gather: () => ContextValues;
  readonly #isKnown: (key: string) => boolean;
  #values: ReadonlyMap<string, string | readonly string[]> | undefined;

  /** `isKnown` says of an absent key, in lower case, whether it is really absent; every other key is one that nobody here can judge. */
  constructor(gather: () => ContextValues, isKnown: (key: string) => boolean) {
    this.#gather = gather;
    this.#isKnown = isKnown;
  }

  get(lowerCaseKey: string): string | readonly string[] | undefined {
    return this.#all().get(lowerCaseKey);
  }

  knows(lowerCaseKey: string): boolean {
    return this.#all().has(lowerCaseKey) || this.#isKnown(lowerCaseKey);
  }

  entries(): ReadonlyMap<string, string | readonly string[]> {
    return this.#all();
  }

  #all(): ReadonlyMap<string, string | readonly string[]> {
    this.#values ??= new Map(Object.entries(this.#gather()).map(([key, value]) => [key.toLowerCase(), value]));
    return this.#values;
  }
}
