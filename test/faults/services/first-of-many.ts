import type { Fate } from './possible-states.ts';

/** One who wanted to be the first to write something. */
export interface Racer {
  readonly content: string;
  readonly fate: Fate;
}

/** What is wrong with a race: one wins, and is told so unless its answer was lost; what is there is the winner's. */
export function problemsOfRace(name: string, racers: readonly Racer[], found: string | undefined): string[] {
  const winners = racers.filter(({ fate }) => fate === 'acknowledged');
  const lost = racers.filter(({ fate }) => fate === 'unknown');
  if (winners.length > 1) return [`${name}: ${winners.length} were told to be the first`];
  const possible: readonly (string | undefined)[] = winners[0]
    ? [winners[0].content]
    : [...lost.map(({ content }) => content), ...(racers.every(({ fate }) => fate === 'unknown') ? [undefined] : [])];
  return possible.includes(found) ? [] : [`${name} is ${found}, which must be one of ${possible.join(' or ')}`];
}
