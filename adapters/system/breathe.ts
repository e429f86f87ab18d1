import { setImmediate } from 'node:timers/promises';

/** Lets timers and I/O have their turn in the middle of long work. */
export const breathe = (): Promise<void> => setImmediate();
