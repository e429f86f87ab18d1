import type { Execution, Frame } from './execution.ts';

/**
 * The frames that may have something to decide, in the order in which the log made them ready: when they began, when a branch of
 * theirs ended, when their task ended. A frame keeps its place for as long as it goes on by itself. The order follows from the log
 * alone, so an execution that is taken up again goes on with the frame that was at work when it was left.
 */
export class ReadyFrames {
  readonly #frames: Frame[] = [];
  readonly #places: number[] = [];
  #head = 0;
  #last = 0;

  /** Puts the frame at the end; where it stood before it stands no more. */
  add(frame: Frame): void {
    frame.place = ++this.#last;
    this.#frames.push(frame);
    this.#places.push(frame.place);
  }

  /** Frames whose time has come: back to the places that they had, which are before those of all that happened since. */
  restore(frames: readonly Frame[]): void {
    const waiting = this.#frames
      .slice(this.#head)
      .filter((frame, index) => frame.place === this.#places[this.#head + index]);
    const all = [...new Set([...waiting, ...frames])].sort((left, right) => left.place - right.place);
    this.#head = 0;
    this.#frames.splice(0, this.#frames.length, ...all);
    this.#places.splice(0, this.#places.length, ...all.map(({ place }) => place));
  }

  /** The frame whose turn it is; it stays so until it is dropped or gets another place. */
  first(execution: Execution): Frame | undefined {
    for (; this.#head < this.#frames.length; this.#skip()) {
      const frame = this.#frames[this.#head]!;
      if (frame.place === this.#places[this.#head] && execution.frames.get(frame.id) === frame) return frame;
    }
    return undefined;
  }

  /** The first frame has nothing to decide until something happens to it. */
  dropFirst(): void {
    this.#skip();
  }

  #skip(): void {
    this.#head += 1;
    if (this.#head < 512 && this.#head < this.#frames.length) return;
    this.#frames.splice(0, this.#head);
    this.#places.splice(0, this.#head);
    this.#head = 0;
  }
}
