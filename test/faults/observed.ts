import { isDeepStrictEqual } from 'node:util';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { listRuns } from '../../cli/runs/list-runs.ts';
import { readHistory } from '../../cli/runs/read-history.ts';
import type { Connection } from '../../cli/target/connection.ts';
import { executionArn } from '../../cli/target/resource-names.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Fact } from '../../domain/fact.ts';

/** What an environment has answered at one time. Whatever was told once must be told for ever. */
export interface Observation {
  readonly audit: readonly AuditEvent[];
  readonly facts: readonly Fact[];
  /** By execution ARN. */
  readonly histories: ReadonlyMap<string, readonly HistoryEvent[]>;
}

export async function observe(connection: Connection): Promise<Observation> {
  const { registry, names } = connection;
  const [audit, facts, runs] = await Promise.all([
    registry.auditEvents({ environment: true }),
    registry.facts(1000),
    listRuns(connection, { limit: 100 }, Date.now()),
  ]);
  const histories = new Map<string, HistoryEvent[]>();
  for (const run of runs) {
    const arn = executionArn(names, run.machine, run.runId);
    histories.set(arn, await readHistory(connection, arn));
  }
  return { audit, facts, histories };
}

/** What was told before and is not told any more, or otherwise. */
export function forgotten(before: Observation, after: Observation): string[] {
  const problems: string[] = [];
  const auditByKey = new Map(after.audit.map((event) => [event.key, event]));
  for (const event of before.audit) {
    if (!isDeepStrictEqual(auditByKey.get(event.key), event)) problems.push(`the audit event ${event.key}`);
  }
  const factById = new Map(after.facts.map((fact) => [fact.id, fact]));
  for (const fact of before.facts) {
    if (!isDeepStrictEqual(factById.get(fact.id), fact)) problems.push(`the fact ${fact.type} ${fact.id}`);
  }
  for (const [arn, events] of before.histories) {
    const now = after.histories.get(arn) ?? [];
    const changed = events.findIndex((event, index) => !isDeepStrictEqual(now[index], event));
    if (changed >= 0) problems.push(`event ${changed + 1} (${events[changed]?.type}) of the history of ${arn}`);
  }
  return problems;
}
