import type { Clock } from '../../clock.ts';
import type { Sandbox } from './sandbox.ts';

interface Idle {
  readonly key: string;
  readonly sandbox: Sandbox;
  readonly cancelTimer: () => void;
}

interface Waiter {
  readonly key: string;
  readonly create: () => Sandbox;
  readonly resolve: (sandbox: Sandbox) => void;
  readonly reject: (error: unknown) => void;
}

export interface SandboxPoolOptions {
  readonly clock: Clock;
  /** Live worker threads, busy and idle. */
  readonly most?: number;
  /** After which a sandbox that nobody wants is stopped. */
  readonly idleMs?: number;
}

/** Threads that two cores and a laptop's memory bear; a warm one is worth keeping for the next execution. */
const MOST = 32;
const IDLE_MS = 10 * 60_000;
/** A sandbox whose credentials end sooner than this gets no new event. */
const CREDENTIALS_MARGIN_MS = 16 * 60_000;

/**
 * Warm sandboxes, and a bound on how many there are. Whoever wants one beyond the bound takes the place of an idle one, or waits
 * until one is given back. May be shared by the accounts of a runtime.
 */
export class SandboxPool {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #idleMs: number;
  #idle: Idle[] = [];
  readonly #busy = new Map<Sandbox, string>();
  readonly #retired = new Set<Sandbox>();
  #waiters: Waiter[] = [];

  constructor({ clock, most = MOST, idleMs = IDLE_MS }: SandboxPoolOptions) {
    this.#clock = clock;
    this.#most = most;
    this.#idleMs = idleMs;
  }

  /** A sandbox for the key: a warm one, a new one, or the first that comes free. To be given back. Rejects with what `create` throws. */
  lease(key: string, create: () => Sandbox): Promise<Sandbox> {
    const warm = this.#takeIdle((idle) => idle.key === key);
    if (warm) {
      if (warm.usable && warm.credentialsExpireAtMs - this.#clock.now() > CREDENTIALS_MARGIN_MS) {
        this.#busy.set(warm, key);
        return Promise.resolve(warm);
      }
      void warm.stop();
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ key, create, resolve, reject });
      this.#serve();
    });
  }

  /** Makes a sandbox ahead of its event, where the key has none and nobody waits for room. It may take the place of the oldest idle one. Throws what `create` throws. */
  warm(key: string, create: () => Sandbox): void {
    const known = this.#idle.some((idle) => idle.key === key) || [...this.#busy.values()].includes(key);
    if (known || this.#waiters.length > 0) return;
    if (this.#idle.length + this.#busy.size >= this.#most) {
      const oldest = this.#takeIdle(() => true);
      if (!oldest) return;
      void oldest.stop();
    }
    this.#keep(key, create());
  }

  giveBack(sandbox: Sandbox): void {
    const key = this.#busy.get(sandbox);
    this.#busy.delete(sandbox);
    if (key === undefined) return;
    if (!sandbox.usable || this.#retired.delete(sandbox)) {
      void sandbox.stop();
    } else {
      const waiter = this.#waiters.find((waiting) => waiting.key === key);
      if (waiter) {
        this.#waiters = this.#waiters.filter((waiting) => waiting !== waiter);
        this.#busy.set(sandbox, key);
        waiter.resolve(sandbox);
        return;
      }
      this.#keep(key, sandbox);
    }
    this.#serve();
  }

  #keep(key: string, sandbox: Sandbox): void {
    const cancelTimer = this.#clock.at(this.#clock.now() + this.#idleMs, () => {
      void this.#takeIdle((idle) => idle.sandbox === sandbox)?.stop();
    });
    this.#idle.push({ key, sandbox, cancelTimer });
  }

  /** Stops the sandboxes whose key begins so: idle ones now, busy ones after their event. */
  retire(keyPrefix: string): void {
    for (;;) {
      const sandbox = this.#takeIdle(({ key }) => key.startsWith(keyPrefix));
      if (!sandbox) break;
      void sandbox.stop();
    }
    for (const [sandbox, key] of this.#busy) if (key.startsWith(keyPrefix)) this.#retired.add(sandbox);
  }

  /** Stops the sandboxes whose key begins so, busy ones too, and lets go who waits for one. */
  async stop(keyPrefix: string): Promise<void> {
    const gone = this.#waiters.filter(({ key }) => key.startsWith(keyPrefix));
    this.#waiters = this.#waiters.filter((waiter) => !gone.includes(waiter));
    for (const { reject } of gone) reject(new Error('The local runtime is stopping.'));
    this.retire(keyPrefix);
    const busy = [...this.#busy].filter(([, key]) => key.startsWith(keyPrefix));
    await Promise.all(busy.map(([sandbox]) => sandbox.stop()));
  }

  #serve(): void {
    for (;;) {
      const waiter = this.#waiters[0];
      if (!waiter) return;
      if (this.#idle.length + this.#busy.size >= this.#most) {
        const oldest = this.#takeIdle(() => true);
        if (!oldest) return;
        void oldest.stop();
      }
      this.#waiters.shift();
      try {
        const sandbox = waiter.create();
        this.#busy.set(sandbox, waiter.key);
        waiter.resolve(sandbox);
      } catch (error) {
        waiter.reject(error);
      }
    }
  }

  #takeIdle(wanted: (idle: Idle) => boolean): Sandbox | undefined {
    const found = this.#idle.find(wanted);
    if (!found) return undefined;
    this.#idle = this.#idle.filter((idle) => idle !== found);
    found.cancelTimer();
    return found.sandbox;
  }
}
