import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../clock.ts';
import { Store } from '../../store/store.ts';
import { CommitQueue, EngineStopped } from './commit-queue.ts';

let store: Store;
let clock: VirtualClock;
let queue: CommitQueue;
let logged: string[];
let commits: number;

class CountingStore extends Store {
  override transaction<T>(fn: () => T): T {
    commits += 1;
    return super.transaction(fn);
  }
}

beforeEach(() => {
  commits = 0;
  logged = [];
  store = new CountingStore(':memory:');
  store.define('CREATE TABLE written (text TEXT UNIQUE)');
  clock = new VirtualClock();
  queue = new CommitQueue(store, clock, (level, message) => logged.push(`${level} ${message}`));
});

const write = (text: string) => () => void store.prepare('INSERT INTO written VALUES (?)').run(text);
const written = () =>
  store
    .prepare('SELECT text FROM written ORDER BY text')
    .all()
    .map(({ text }) => (text as string).slice(0, 10));
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The disk has room for `pages` pages more. */
const room = (pages: number) => {
  const { page_count: count } = store.db.prepare('PRAGMA page_count').get() as { page_count: number };
  store.db.exec(`PRAGMA max_page_count = ${count + pages}`);
};
const large = 'large'.padEnd(100_000, '-');

describe('the commit queue', () => {
  it('writes what came in one turn in one transaction', async () => {
    await Promise.all(['a', 'b', 'c'].map((text) => queue.commit(write(text))));
    expect(written()).toEqual(['a', 'b', 'c']);
    expect(commits).toBe(1);
  });

  it('refuses the write that failed, and makes the others', async () => {
    const results = await Promise.allSettled(['a', 'a', 'b'].map((text) => queue.commit(write(text))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(written()).toEqual(['a', 'b']);
  });

  it('waits while the disk is full, says so once, and goes on when there is room', async () => {
    room(0);
    const delays: unknown[] = [];
    let done = 0;
    for (const text of [large, 'small'])
      void queue.commit(write(text), (error) => delays.push(error)).then(() => done++);
    await turn();
    clock.advance(5_000);
    void queue.commit(write('later'), (error) => delays.push(error)).then(() => done++);
    await turn();
    expect({ done, written: written(), delays: delays.length }).toEqual({ done: 0, written: [], delays: 3 });
    expect(logged).toEqual([expect.stringMatching(/^error the store cannot be written.*no room/)]);
    room(1000);
    clock.advance(1_000);
    await turn();
    expect({ done, written: written() }).toEqual({ done: 3, written: ['large-----', 'later', 'small'] });
    expect(logged[1]).toMatch(/^info the store can be written again/);
  });

  it('drops what waits when it is closed', async () => {
    const dropped = queue.commit(write('a'));
    queue.close();
    await expect(dropped).rejects.toBeInstanceOf(EngineStopped);
    await expect(queue.commit(write('b'))).rejects.toBeInstanceOf(EngineStopped);
    expect(written()).toEqual([]);
  });

  it('takes back the writes of work that throws, and of no other', async () => {
    const bad = queue.together(() => {
      write('bad')();
      throw new Error('no');
    });
    const good = queue.together(() => {
      write('good')();
      return 'made';
    });
    await expect(bad).rejects.toThrow('no');
    expect(await good).toBe('made');
    expect(written()).toEqual(['good']);
    expect(commits).toBe(1);
  });

  it('refuses work while the disk is full, and does not do it later', async () => {
    room(0);
    const refused = queue.together(write(large));
    await expect(refused).rejects.toMatchObject({ errcode: 13 });
    room(1000);
    clock.advance(1_000);
    await turn();
    expect(written()).toEqual([]);
  });
});
