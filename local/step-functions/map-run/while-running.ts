import type { Command } from '../engine/actor.ts';
import type { Draft } from '../interpreter/entry.ts';

/** A command that holds only while the state waits for the map run that entry `seq` began. */
export const whileRunning =
  (frameId: string, seq: number, decide: () => Draft): Command =>
  (execution) => {
    const frame = execution.frames.get(frameId);
    if (execution.status !== 'RUNNING' || frame?.phase !== 'map-run') return undefined;
    return frame.state!.mapRun!.seq === seq ? [decide()] : undefined;
  };
