import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Store } from '../../store/store.ts';
import type { Entry } from '../interpreter/entry.ts';
import { LogSegments, UNDER_WAY } from './log-segments.ts';

/** Commits of a log: of each entry, whether it is an event or a note. */
const commits = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), { maxLength: 12 });

function logOf(written: readonly (readonly boolean[])[]) {
  const segments = new LogSegments(new Store(':memory:'));
  const all: Entry[] = [];
  let id = 0;
  for (const commit of written) {
    const entries = commit.map((event, index): Entry => {
      if (event) id += 1;
      const seq = all.length + index + 1;
      return {
        seq,
        frame: '0',
        type: 'T',
        at: seq,
        id: event ? id : 0,
        previousEventId: 0,
        details: { seq },
        memo: undefined,
      };
    });
    segments.append(7, entries, UNDER_WAY);
    // Another log between: a commit of the group that another execution made.
    segments.append(8, [{ ...entries[0]!, seq: entries[0]!.seq, id: 0 }], UNDER_WAY);
    all.push(...entries);
  }
  return { segments, all, events: all.filter((entry) => entry.id > 0) };
}

describe('the log of an execution', () => {
  it('gives back what was appended, in order', () => {
    fc.assert(
      fc.property(commits, (written) => {
        const { segments, all, events } = logOf(written);
        expect([...segments.entries(7)]).toEqual(all);
        expect(segments.end(7)).toEqual({ lastSeq: all.length, lastEventId: events.length });
      }),
    );
  });

  it('gives any page of its events, in both directions', () => {
    fc.assert(
      fc.property(commits, fc.nat(40), fc.integer({ min: 1, max: 10 }), (written, from, limit) => {
        const { segments, events } = logOf(written);
        expect(segments.events(7, from, limit, false)).toEqual(events.filter(({ id }) => id > from).slice(0, limit));
        expect(segments.events(7, from, limit, true)).toEqual(
          events
            .filter(({ id }) => id < from)
            .reverse()
            .slice(0, limit),
        );
      }),
    );
  });

  it('is refused by name where an earlier version wrote it', () => {
    const store = new Store(':memory:');
    store.define('CREATE TABLE sfn_entry (executionKey INTEGER)');
    expect(() => new LogSegments(store)).toThrow(/earlier version of Sluice .* remove the folder/);
  });
});
