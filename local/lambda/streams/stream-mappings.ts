import type { Background } from '../../service.ts';
import type { Mapping, MappingSettings } from './mapping.ts';
import { type PollerDeps, StreamPoller } from './stream-poller.ts';

/** The mappings of an account at work: one poller for each that is enabled. */
export class StreamMappings implements Background {
  readonly #deps: PollerDeps;
  readonly #pollers = new Map<string, StreamPoller>();
  #running = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = true;
    for (const { mapping } of this.#deps.mappings.list()) this.#poll(mapping.uuid);
  }

  async stop(): Promise<void> {
    this.#running = false;
    const pollers = [...this.#pollers.values()];
    this.#pollers.clear();
    await Promise.all(pollers.map((poller) => poller.stop()));
  }

  /** A new mapping, or new settings for the one that is there; another stream makes another mapping. */
  async put(
    target: Pick<Mapping, 'functionName' | 'qualifier'>,
    settings: MappingSettings,
    previousUuid: string | undefined,
  ): Promise<Mapping> {
    const { mappings, streams } = this.#deps;
    const previous = previousUuid === undefined ? undefined : mappings.find(previousUuid);
    if (previous && previous.mapping.streamArn === settings.streamArn) {
      const mapping = { ...previous.mapping, ...settings, ...target };
      if (JSON.stringify(mapping) === JSON.stringify(previous.mapping)) return mapping;
      await this.#stopPolling(mapping.uuid);
      mappings.update(mapping);
      this.#poll(mapping.uuid);
      return mapping;
    }
    if (previous) await this.delete(previous.mapping.uuid);
    const position = settings.startingPosition === 'LATEST' ? streams.latest(settings.streamArn) : undefined;
    const mapping = mappings.create(target, settings, position);
    this.#poll(mapping.uuid);
    return mapping;
  }

  async delete(uuid: string): Promise<void> {
    await this.#stopPolling(uuid);
    this.#deps.mappings.delete(uuid);
  }

  #poll(uuid: string): void {
    const state = this.#deps.mappings.find(uuid);
    if (!this.#running || !state?.mapping.enabled) return;
    this.#pollers.set(uuid, new StreamPoller(this.#deps, state.mapping, state.position));
  }

  async #stopPolling(uuid: string): Promise<void> {
    const poller = this.#pollers.get(uuid);
    this.#pollers.delete(uuid);
    await poller?.stop();
  }
}
