import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { seededIds } from '../ids.ts';
import type { AccountContext } from '../service.ts';
import { Store } from '../store/store.ts';
import { Logs } from './logs.ts';

function world() {
  const clock = new VirtualClock();
  const store = new Store(':memory:');
  const ctx: AccountContext = {
    accountId: '111111111111',
    region: 'eu-west-1',
    store,
    directory: '/nowhere',
    clock,
    ids: seededIds('logs'),
    log: () => undefined,
  };
  return { clock, store, logs: new Logs(ctx) };
}

const stored = (store: Store) => store.prepare('SELECT count(*) AS n FROM logs_entries').get()?.n;

describe('a log group', () => {
  it('has the lines on disk a quarter of a second later, in one commit', () => {
    const { logs, clock, store } = world();
    logs.append('g', { atMs: 1, message: 'one' });
    logs.append('g', { atMs: 2, message: 'two' });
    expect(stored(store)).toBe(0);

    clock.advance(250);

    expect(stored(store)).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it('is read in order, and by request', () => {
    const { logs } = world();
    logs.append('g', { atMs: 1, message: 'one', requestId: 'r1' });
    logs.append('g', { atMs: 2, message: 'two', requestId: 'r2' });
    logs.append('other', { atMs: 3, message: 'three', requestId: 'r1' });

    expect(logs.read('g').map(({ message }) => message)).toEqual(['one', 'two']);
    expect(logs.read('g', { requestId: 'r1' })).toEqual([{ atMs: 1, message: 'one', requestId: 'r1' }]);
  });

  it('loses the lines that are older than it keeps, and a group without retention loses none', () => {
    const { logs, clock } = world();
    logs.putGroup('week', 7);
    for (const group of ['week', 'for-ever']) logs.append(group, { atMs: clock.now(), message: 'old' });
    logs.flush();

    clock.advance(8 * 86_400_000);
    logs.append('week', { atMs: clock.now(), message: 'new' });

    expect(logs.read('week').map(({ message }) => message)).toEqual(['new']);
    expect(logs.read('for-ever').map(({ message }) => message)).toEqual(['old']);
  });
});
