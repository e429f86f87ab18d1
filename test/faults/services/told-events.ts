import type { Fate } from './possible-states.ts';

/** An event by what its sender calls it. */
export interface SentEvent {
  readonly n: number;
  readonly wanted: boolean;
  readonly fate: Fate;
  /** As it was answered. */
  readonly id: string | undefined;
}

export interface HeardEvent {
  readonly n: number;
  readonly id: string;
}

/** What is wrong with what a rule sent on to `target`: each acknowledged event that it wants at least once, and none that it does not. */
export function problemsOfRule(target: string, sent: readonly SentEvent[], heard: readonly HeardEvent[]): string[] {
  return [
    ...missing(
      target,
      sent.filter(({ wanted }) => wanted),
      heard,
    ),
    ...heard.flatMap(({ n }) =>
      sent[n - 1]?.wanted === false ? [`${target} was sent event ${n}, which the rule does not want`] : [],
    ),
    ...strange(target, sent, heard),
  ];
}

/** What is wrong with what an archive kept: each acknowledged event once, and no other one twice. */
export function problemsOfArchive(sent: readonly SentEvent[], kept: readonly HeardEvent[]): string[] {
  const times = new Map<number, number>();
  for (const { n } of kept) times.set(n, (times.get(n) ?? 0) + 1);
  const twice = [...times].filter(([, count]) => count > 1);
  return [
    ...missing('the archive', sent, kept),
    ...twice.map(([n, count]) => `the archive has event ${n} ${count} times`),
    ...strange('the archive', sent, kept),
  ];
}

function missing(who: string, sent: readonly SentEvent[], heard: readonly HeardEvent[]): string[] {
  const there = new Set(heard.map(({ n }) => n));
  return sent.flatMap(({ n, fate }) => (fate === 'acknowledged' && !there.has(n) ? [`${who} lost event ${n}`] : []));
}

/** Events that nobody sent, or that have another id than was answered, or two of them. */
function strange(who: string, sent: readonly SentEvent[], heard: readonly HeardEvent[]): string[] {
  const ids = new Map<number, string>();
  return heard.flatMap(({ n, id }) => {
    const event = sent[n - 1];
    if (!event) return [`${who} told of event ${n}, and nobody sent it`];
    const known = event.id ?? ids.get(n) ?? id;
    ids.set(n, known);
    return known === id ? [] : [`${who} told of event ${n} as ${id}, and it is ${known}`];
  });
}
