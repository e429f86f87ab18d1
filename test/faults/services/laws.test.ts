import { describe, expect, test } from 'vitest';
import { problemsOfAsked } from './asked-functions.ts';
import { problemOfCount } from './counters.ts';
import { problemsOfRace } from './first-of-many.ts';
import { problemsOfVersions } from './kept-versions.ts';
import { problemsOfQueue, type SentMessage } from './sent-messages.ts';
import { problemsOfChanges } from './told-changes.ts';
import { type HeardEvent, problemsOfArchive, problemsOfRule, type SentEvent } from './told-events.ts';
import { problemsOfTransfers, type Transfer } from './transfers.ts';

/** Each law is shown a sound world, and then one with a single thing wrong in it: a law that cannot fail holds nothing. */

describe('versions', () => {
  const written = [
    { etag: 'one', versionId: 'v1' },
    { etag: 'lost', versionId: undefined },
    { etag: 'gone', versionId: 'v2', removal: 'acknowledged' as const },
    { etag: 'perhaps', versionId: 'v3', removal: 'unknown' as const },
    { etag: 'last', versionId: 'v4' },
  ];
  const [one, lost, gone, perhaps, last] = [
    { etag: 'one', versionId: 'v1' },
    { etag: 'lost', versionId: 'x' },
    { etag: 'gone', versionId: 'v2' },
    { etag: 'perhaps', versionId: 'v3' },
    { etag: 'last', versionId: 'v4' },
  ];

  test.each([[[one, last]], [[one, lost, last]], [[one, perhaps, last]], [[one, lost, perhaps, last]]])(
    'are as they were written: %j',
    (listed) => expect(problemsOfVersions('key', written, listed)).toEqual([]),
  );

  test.each([
    ['an acknowledged one is lost', [one]],
    ['one that was removed is listed', [one, gone, last]],
    ['one is listed twice', [one, last, last]],
    ['one whose answer was lost is listed twice', [one, lost, lost, last]],
    ['two have changed places', [last, one]],
    ['nobody wrote one', [one, { etag: 'strange', versionId: 'y' }, last]],
  ])('%s', (_, listed) => expect(problemsOfVersions('key', written, listed)).not.toEqual([]));

  test('a delete marker whose answer was lost is not taken for the next one', () => {
    const markers = [
      { etag: undefined, versionId: undefined },
      { etag: undefined, versionId: 'm2' },
    ];
    expect(problemsOfVersions('key', markers, [{ etag: undefined, versionId: 'm2' }])).toEqual([]);
    expect(problemsOfVersions('key', markers, [{ etag: undefined, versionId: 'm1' }])).not.toEqual([]);
  });
});

describe('a race', () => {
  const racer = (content: string, fate: 'acknowledged' | 'refused' | 'unknown') => ({ content, fate });

  test.each([
    ['the winner is there', [racer('a', 'acknowledged'), racer('b', 'refused'), racer('c', 'unknown')], 'a'],
    ['the winner never heard of it', [racer('a', 'unknown'), racer('b', 'refused')], 'a'],
    ['nobody came through', [racer('a', 'unknown'), racer('b', 'unknown')], undefined],
  ])('%s', (_, racers, found) => expect(problemsOfRace('key', racers, found)).toEqual([]));

  test.each([
    ['the winner is lost', [racer('a', 'acknowledged'), racer('b', 'refused')], undefined],
    ['another one is there', [racer('a', 'acknowledged'), racer('b', 'unknown')], 'b'],
    ['two have won', [racer('a', 'acknowledged'), racer('b', 'acknowledged')], 'a'],
    ['one was refused for nobody', [racer('a', 'unknown'), racer('b', 'refused')], undefined],
    ['one that was refused is there', [racer('a', 'unknown'), racer('b', 'refused')], 'b'],
  ])('%s', (_, racers, found) => expect(problemsOfRace('key', racers, found)).not.toEqual([]));
});

describe('transfers', () => {
  const kept: Transfer = { id: 't1', from: 'p', to: 'q', amount: 7 };
  const lost: Transfer = { id: 't2', from: 'q', to: 'r', amount: 3 };
  const fates = new Map([
    ['t1', 'acknowledged' as const],
    ['t2', 'unknown' as const],
    ['t3', 'refused' as const],
  ]);
  const balances = (p: number, q: number, r: number) =>
    new Map(Object.entries({ p: 1000 + p, q: 1000 + q, r: 1000 + r, s: 1000 }));

  test.each([
    ['the one that nobody knows of was not made', [kept], balances(-7, 7, 0)],
    ['the one that nobody knows of was made', [kept, lost], balances(-7, 4, 3)],
  ])('%s', (_, all, world) => expect(problemsOfTransfers(fates, all, world)).toEqual([]));

  test.each([
    ['an acknowledged one is lost', [], balances(0, 0, 0)],
    ['half of one was made', [kept, lost], balances(-7, 4, 0)],
    ['one was made without its item', [kept], balances(-7, 4, 3)],
    ['a refused one was made', [kept, { ...lost, id: 't3' }], balances(-7, 4, 3)],
    ['one was made twice', [kept], balances(-14, 14, 0)],
  ])('%s', (_, all, world) => expect(problemsOfTransfers(fates, all, world)).not.toEqual([]));
});

test('a counter is between what was acknowledged and that with what nobody knows of', () => {
  const counted = { acknowledged: 5, unknown: 2 };
  for (const value of [5, 6, 7]) expect(problemOfCount('it', value, counted)).toBeUndefined();
  for (const value of [4, 8]) expect(problemOfCount('it', value, counted)).toBeDefined();
});

describe('a stream', () => {
  const change = (version: number, key = 'k') => ({ key, version });
  const acknowledged = [change(1), change(3), change(1, 'other')];

  test.each([
    ['tells all', [1, 3]],
    ['tells what nobody knows of, and a deletion', [1, 2, 0, 3]],
    ['tells a batch again', [1, 2, 1, 2, 3]],
  ])('%s', (_, versions) => {
    const told = [...versions.map((version) => change(version)), change(1, 'other')];
    expect(problemsOfChanges(acknowledged, told)).toEqual([]);
  });

  test.each([
    ['has lost one', [1]],
    ['tells one too late', [3, 1]],
    ['tells the middle one too late', [1, 3, 2]],
  ])('%s', (_, versions) => {
    const told = [...versions.map((version) => change(version)), change(1, 'other')];
    expect(problemsOfChanges(acknowledged, told)).not.toEqual([]);
  });
});

describe('a queue', () => {
  const sent = new Map<string, SentMessage>([
    ['first', { fate: 'acknowledged', messageId: 'm1' }],
    ['second', { fate: 'unknown', messageId: undefined }],
  ]);
  const receipt = (body: string, messageId: string, askedAtMs: number) => ({
    body,
    messageId,
    askedAtMs,
    gotAtMs: askedAtMs + 5,
  });
  const first = receipt('first', 'm1', 100);
  const problems = (receipts: readonly (typeof first)[], deleted?: number) =>
    problemsOfQueue({
      sent,
      receipts,
      hiddenMs: 1000,
      deletedAtMs: new Map(deleted === undefined ? [] : [['m1', deleted]]),
    });

  test.each([
    ['the message came, and was deleted', [first], 120],
    ['it came again, before it was deleted', [first, receipt('first', 'm1', 1200)], 1300],
    ['the one that nobody knows of came', [first, receipt('second', 'm2', 100)], 120],
  ])('%s', (_, receipts, deleted) => expect(problems(receipts, deleted)).toEqual([]));

  test.each([
    ['an acknowledged message is lost', [], undefined],
    ['it came after it was deleted', [first, receipt('first', 'm1', 1200)], 120],
    ['it came while somebody else had it', [first, receipt('first', 'm1', 300)], undefined],
    ['it came under another id', [receipt('first', 'm3', 100)], undefined],
    ['it was there twice', [first, receipt('second', 'm2', 100), receipt('second', 'm3', 100)], undefined],
    ['nobody sent it', [first, receipt('third', 'm3', 100)], undefined],
  ])('%s', (_, receipts, deleted) => expect(problems(receipts, deleted)).not.toEqual([]));
});

describe('events', () => {
  const sent: SentEvent[] = [
    { n: 1, wanted: true, fate: 'acknowledged', id: 'e1' },
    { n: 2, wanted: false, fate: 'acknowledged', id: 'e2' },
    { n: 3, wanted: true, fate: 'unknown', id: undefined },
  ];
  const heard = (...names: readonly string[]): HeardEvent[] => names.map((id) => ({ n: Number(id.slice(1)), id }));

  test.each([[heard('e1')], [heard('e1', 'e1')], [heard('e1', 'e3')]])('a rule sends on %j', (told) =>
    expect(problemsOfRule('the queue', sent, told)).toEqual([]),
  );
  test.each([
    ['an acknowledged one is lost', heard('e3')],
    ['it sends on one that it does not want', heard('e1', 'e2')],
    ['it sends on one that nobody sent', heard('e1', 'e4')],
    ['it has another id', [{ n: 1, id: 'e9' }]],
  ])('of a rule: %s', (_, told) => expect(problemsOfRule('the queue', sent, told)).not.toEqual([]));

  test.each([[heard('e1', 'e2')], [heard('e1', 'e2', 'e3')]])('an archive has %j', (kept) =>
    expect(problemsOfArchive(sent, kept)).toEqual([]),
  );
  test.each([
    ['an acknowledged one is lost', heard('e1')],
    ['it has one twice', heard('e1', 'e2', 'e2')],
    ['it has one twice that nobody knows of', heard('e1', 'e2', 'e3', 'e3')],
  ])('of an archive: %s', (_, kept) => expect(problemsOfArchive(sent, kept)).not.toEqual([]));
});

test('a function runs for each acknowledged event, and for no other one', () => {
  const ran = (...numbers: readonly number[]) => numbers.map((asked) => ({ asked }));
  expect(problemsOfAsked(['acknowledged', 'unknown'], ran(1, 1))).toEqual([]);
  expect(problemsOfAsked(['acknowledged', 'unknown'], ran(2))).not.toEqual([]);
  expect(problemsOfAsked(['acknowledged', 'unknown'], ran(1, 3))).not.toEqual([]);
});
