import type { Execution, Frame } from './execution.ts';
import { TimeHeap } from './time-heap.ts';

/** When something is due in the frame by itself, in milliseconds since the epoch; undefined when nothing is. */
function dueOf(execution: Execution, frame: Frame): number | undefined {
  const { state } = frame;
  let due = frame === execution.root ? execution.timeoutAtMs : undefined;
  const consider = (atMs: number | undefined) => {
    if (atMs !== undefined && (due === undefined || atMs < due)) due = atMs;
  };
  if (frame.phase === 'waiting' || frame.phase === 'retrying') consider(state!.untilMs);
  if (frame.phase === 'pending') {
    consider(state!.task!.timeoutAtMs);
    consider(state!.task!.heartbeatAtMs);
  }
  return due;
}

/**
 * The times at which frames have something due. A time that moves away (a heartbeat came) is not looked for here: its frame is looked at
 * when the old time comes, and waits for the new one.
 */
export class DueFrames {
  readonly #heap = new TimeHeap<Frame>();

  watch(execution: Execution, frame: Frame): void {
    const dueMs = dueOf(execution, frame);
    if (dueMs === undefined || (frame.watchedMs !== undefined && frame.watchedMs <= dueMs)) return;
    frame.watchedMs = dueMs;
    this.#heap.add(dueMs, frame);
  }

  /** Takes out the frames that are due. */
  take(execution: Execution, nowMs: number): Frame[] {
    const due: Frame[] = [];
    for (let next = this.next(execution); next !== undefined && next <= nowMs; next = this.next(execution)) {
      const { value: frame } = this.#heap.take();
      delete frame.watchedMs;
      due.push(frame);
    }
    return due;
  }

  /** The earliest time at which something is due. */
  next(execution: Execution): number | undefined {
    for (let first = this.#heap.first; first; first = this.#heap.first) {
      const frame = first.value;
      const gone = execution.frames.get(frame.id) !== frame || frame.watchedMs !== first.atMs;
      const dueMs = gone ? undefined : dueOf(execution, frame);
      if (dueMs === first.atMs) return dueMs;
      this.#heap.take();
      if (gone) continue;
      delete frame.watchedMs;
      this.watch(execution, frame);
    }
    return undefined;
  }
}
