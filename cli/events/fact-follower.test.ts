import { expect, test } from 'vitest';
import type { Fact } from '../../domain/fact.ts';
import { FactFollower } from './fact-follower.ts';

const fact = (n: number): Fact => ({
  id: `fact-${n}`,
  type: 'Model Trained',
  version: 1,
  environment: 'dev',
  at: new Date(n * 1000).toISOString(),
  runId: null,
  data: {},
});

/** An outbox that reads newest first, as the registry does. */
function outbox() {
  const facts: Fact[] = [];
  return {
    tell: (...more: Fact[]) => facts.push(...more),
    read: async (limit: number) => facts.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, limit),
  };
}

const ids = (facts: readonly Fact[]) => facts.map((one) => one.id);

test('what was told before is not told, what comes then is told once, oldest first', async () => {
  const { tell, read } = outbox();
  tell(fact(1), fact(2));
  const follower = await FactFollower.begin(read);
  expect(await follower.next()).toEqual([]);
  tell(fact(4), fact(3));
  expect(ids(await follower.next())).toEqual(['fact-3', 'fact-4']);
  expect(await follower.next()).toEqual([]);
});

test('a fact that the index shows late is told all the same', async () => {
  const { tell, read } = outbox();
  const follower = await FactFollower.begin(read);
  tell(fact(5));
  await follower.next();
  tell(fact(4));
  expect(ids(await follower.next())).toEqual(['fact-4']);
});

test('many facts between two looks are all told', async () => {
  const { tell, read } = outbox();
  tell(fact(0));
  const follower = await FactFollower.begin(read);
  tell(...Array.from({ length: 750 }, (_, n) => fact(n + 1)));
  expect(await follower.next()).toHaveLength(750);
});
