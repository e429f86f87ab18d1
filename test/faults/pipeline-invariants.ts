import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { listRuns } from '../../cli/runs/list-runs.ts';
import { readHistory } from '../../cli/runs/read-history.ts';
import type { Run } from '../../cli/runs/run.ts';
import type { Connection } from '../../cli/target/connection.ts';
import { executionArn } from '../../cli/target/resource-names.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import { attemptsOf } from '../../domain/reconciliation.ts';

export interface RunReport {
  readonly run: Run;
  readonly history: readonly HistoryEvent[];
  readonly audit: readonly AuditEvent[];
  /** Attempts that the reconciler found without an audit event. */
  readonly lost: readonly AuditEvent[];
}

export async function reportRuns(connection: Connection): Promise<RunReport[]> {
  const runs = await listRuns(connection, { limit: 100 }, Date.now());
  return Promise.all(
    runs.map(async (run) => {
      const history = await readHistory(connection, executionArn(connection.names, run.machine, run.runId));
      const audit = (await connection.registry.auditEvents({ runId: run.runId })).filter((one) => one.state !== null);
      return { run, history, audit, lost: audit.filter((event) => event.outcome === 'lost') };
    }),
  );
}

const attemptName = ({ state, attempt, redrive }: { state: string | null; attempt: number; redrive: number }) =>
  `${state} attempt ${attempt} redrive ${redrive}`;

/** What is wrong with a run that has ended: an attempt without exactly one audit event, a state or a task done twice. */
export function problemsOfRun({ run, history, audit }: RunReport): string[] {
  const problems: string[] = [];
  if (run.status === 'running') problems.push('it is still running');
  const attempts = attemptsOf(
    history.map((event) => ({
      id: event.id ?? 0,
      previousEventId: event.previousEventId ?? 0,
      type: event.type ?? '',
      stateName: event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name ?? null,
      error:
        (event.taskFailedEventDetails ?? event.taskTimedOutEventDetails ?? event.taskSubmitFailedEventDetails)?.error ??
        null,
      resourceType: event.taskScheduledEventDetails?.resourceType ?? null,
    })),
  ).map(attemptName);
  for (const name of repeated(audit.map(attemptName))) problems.push(`two audit events for ${name}`);
  const audited = new Set(audit.map(attemptName));
  for (const name of attempts) if (!audited.has(name)) problems.push(`no audit event for ${name}`);
  for (const name of audited)
    if (!attempts.includes(name)) problems.push(`an audit event for ${name}, which never was`);

  history.forEach(({ id }, index) => {
    if (id !== index + 1) problems.push(`event ${index + 1} of the history has the id ${id}`);
  });
  const entered = history.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  for (const name of repeated(entered)) problems.push(`${name} was entered twice`);
  // A task's end points at its start: two ends of one start are one task that ended twice.
  const ends = history.filter(
    ({ type }) => type === 'TaskSucceeded' || type === 'TaskFailed' || type === 'TaskTimedOut',
  );
  for (const id of repeated(ends.map((event) => String(event.previousEventId)))) {
    problems.push(`the task that goes back to event ${id} ended twice`);
  }
  return problems.map((problem) => `${run.environment} ${run.machine} ${run.runId}: ${problem}`);
}

export const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

/** What is wrong with an environment after one upload went through it whole: more or less than one of anything that must be one. */
export async function problemsOfEnvironment(connection: Connection, model: string): Promise<string[]> {
  const { registry, environment } = connection;
  const problems: string[] = [];
  const expectOne = (what: string, found: number) => {
    if (found !== 1) problems.push(`${found} of: ${what}`);
  };
  const [promotions, versions, deployment, facts, deadLetters] = await Promise.all([
    registry.promotions(model),
    registry.modelVersions(model),
    registry.deployment(model),
    registry.facts(1000),
    deadLettersOf(connection),
  ]);
  expectOne('promotion', promotions.length);
  expectOne('model version', versions.length);
  if (promotions[0]?.status !== 'promoted') problems.push(`the promotion is ${promotions[0]?.status}`);
  if (deployment?.champion?.version !== 1) problems.push(`version ${deployment?.champion?.version} serves, not 1`);
  if (deployment?.canary) problems.push('a canary is left');
  // One for the canary, one for the promotion: the pointer moved by one transaction each.
  if (deployment?.revision !== 2) problems.push(`the pointer moved ${deployment?.revision} times, not twice`);
  const told = (type: string) => facts.filter((fact) => fact.type === type).length;
  const once = ['Dataset Accepted', 'Model Trained', 'Model Registered', 'Model Promoted'];
  once.push(environment === 'dev' ? 'Recipe Accepted' : 'Artifact Moved');
  if (environment !== 'prd') once.push('Promotion Requested');
  for (const type of once) expectOne(`"${type}"`, told(type));
  for (const fact of facts) if (/Rejected|Rolled Back/.test(fact.type)) problems.push(`it told "${fact.type}"`);
  if (environment === 'prd') {
    const [promotion] = promotions;
    expectOne('approval', (await registry.approvals(promotion?.promotionId ?? '')).length);
    expectOne('"Promotion Approved"', told('Promotion Approved'));
  }
  if (deadLetters > 0) problems.push(`${deadLetters} dead letters`);
  return problems.map((problem) => `${environment}: ${problem}`);
}

async function deadLettersOf({ sqs, names }: Connection): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: names.deadLetterQueue }));
  const answer = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(answer.Attributes?.ApproximateNumberOfMessages ?? 0);
}
