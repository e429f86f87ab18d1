import { open } from 'node:fs/promises';

/** Makes a folder's new entries durable: writers that wait at the same time share one fsync. */
export class FolderSync {
  readonly #folder: string;
  #running: Promise<void> | undefined;
  /** The one after that under way, which may have begun before an entry was made. */
  #next: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when every entry that was there before the call is on disk. */
  sync(): Promise<void> {
    if (!this.#running) {
      this.#running = this.#run();
      return this.#running;
    }
    this.#next ??= this.#running.then(
      () => this.#follow(),
      () => this.#follow(),
    );
    return this.#next;
  }

  #follow(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    try {
      const folder = await open(this.#folder, 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } finally {
      this.#running = undefined;
    }
  }
}
