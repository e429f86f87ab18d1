import { seededRandom } from '../../ml/seeded-random.ts';

/**
 * When to kill: so many milliseconds after so many audit events have been written in all three environments (a measure of how far the
 * pipeline is that is the same on a slow machine), or so many after a restart has begun.
 */
export type Kill =
  | { readonly when: 'working'; readonly afterAuditEvents: number; readonly plusMs: number }
  | { readonly when: 'starting'; readonly plusMs: number };

/** Audit events of a whole run without faults, about: from the first upload to the end of the last reconciliation. */
const WHOLE_RUN = 58;
const LONGEST_PAUSE_MS = 350;
const LONGEST_START_MS = 1500;

/** Instants that follow from the seed alone, in the order in which they come. About a fifth hit a runtime that is just coming up. */
export function killPlan(seed: number, kills: number): Kill[] {
  const random = seededRandom(seed);
  const working = Array.from({ length: kills }, () => ({
    when: 'working' as const,
    afterAuditEvents: random.below(WHOLE_RUN),
    plusMs: random.below(LONGEST_PAUSE_MS),
  })).sort((a, b) => a.afterAuditEvents - b.afterAuditEvents);
  return working.map((kill, index) =>
    index > 0 && random.next() < 0.2 ? { when: 'starting', plusMs: random.below(LONGEST_START_MS) } : kill,
  );
}

export const describeKill = (kill: Kill): string =>
  kill.when === 'working'
    ? `${kill.plusMs} ms after audit event ${kill.afterAuditEvents}`
    : `${kill.plusMs} ms into the restart`;
