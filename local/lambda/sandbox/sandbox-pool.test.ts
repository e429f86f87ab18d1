import { expect, test } from 'vitest';
import { VirtualClock } from '../../clock.ts';
import type { Sandbox } from './sandbox.ts';
import { SandboxPool } from './sandbox-pool.ts';

const HOURS_MS = 3_600_000;

/** A pool whose sandboxes are counted instead of run. */
function poolWorld(most: number) {
  const clock = new VirtualClock();
  const pool = new SandboxPool({ clock, most, idleMs: 60_000 });
  const made: string[] = [];
  const stopped: string[] = [];
  const create = (name: string) => (): Sandbox => {
    made.push(name);
    const sandbox = {
      usable: true,
      credentialsExpireAtMs: clock.now() + 12 * HOURS_MS,
      stop: async () => void stopped.push(name),
    };
    return sandbox as unknown as Sandbox;
  };
  return { clock, pool, made, stopped, create };
}

test('a sandbox that was made ahead is the one that the next event gets', async () => {
  const { pool, made, create } = poolWorld(4);
  pool.warm('a', create('ahead'));
  await pool.lease('a', create('on demand'));
  expect(made).toEqual(['ahead']);
});

test('nothing is made ahead for a key that has a sandbox, idle or busy', async () => {
  const { pool, made, create } = poolWorld(4);
  pool.warm('a', create('first'));
  pool.warm('a', create('second'));
  await pool.lease('a', create('third'));
  pool.warm('a', create('fourth'));
  expect(made).toEqual(['first']);
});

test('at the bound it takes the place of the oldest idle one, and of none that is busy', async () => {
  const { pool, made, stopped, create } = poolWorld(2);
  await pool.lease('busy', create('busy'));
  pool.warm('a', create('a'));
  pool.warm('b', create('b'));
  expect(stopped).toEqual(['a']);
  await pool.lease('b', create('never'));
  pool.warm('c', create('c'));
  expect(made).toEqual(['busy', 'a', 'b']);
});

test('one that nobody calls is stopped like any other that is idle', () => {
  const { clock, pool, stopped, create } = poolWorld(4);
  pool.warm('a', create('a'));
  clock.advance(60_000);
  expect(stopped).toEqual(['a']);
});
