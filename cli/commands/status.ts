import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { type Environment, environments } from '../../domain/environment.ts';
import { type AnyEnvironmentOptions, type Cli, inEnvironments, printJson } from '../cli.ts';
import { withAnyEnvironment } from '../command-options.ts';
import { formatAge } from '../output/durations.ts';
import { formatCount, headlineMetric, shortDigest } from '../output/figures.ts';
import { formatTable } from '../output/table.ts';
import { promotionsOf, type ShownPromotion } from '../promotions/find-promotion.ts';
import { listRuns } from '../runs/list-runs.ts';
import type { Run } from '../runs/run.ts';
import type { Connection } from '../target/connection.ts';

const FAILED_RUNS_SHOWN = 5;
const FAILED_RUNS_OF_MS = 7 * 86_400_000;

interface ModelStatus {
  readonly model: string;
  readonly champion: {
    readonly version: number;
    readonly modelDigest: string;
    readonly since: string;
    readonly algorithm: string | null;
    readonly metrics: { readonly [name: string]: number };
    readonly datasetDigest: string | null;
    readonly rows: number | null;
  } | null;
  readonly canary: { readonly version: number; readonly weight: number } | null;
  readonly versions: number;
  readonly hasRecipe: boolean;
}

export interface EnvironmentStatus {
  readonly environment: Environment;
  readonly accountId: string;
  readonly models: readonly ModelStatus[];
  readonly runsUnderWay: readonly Run[];
  readonly promotionsUnderWay: readonly ShownPromotion[];
  readonly failedRuns: readonly Run[];
  readonly deadLetters: number;
}

export const statusCommand = (cli: Cli): Command =>
  withAnyEnvironment(new Command('status'))
    .description('the environments at a glance: what serves, what is under way, what went wrong')
    .addHelpText(
      'after',
      `
JSON: { environments: [{ environment, accountId, models: [{ model, champion, canary, versions, hasRecipe }], runsUnderWay,
promotionsUnderWay, failedRuns, deadLetters }] }; failedRuns are the newest ${FAILED_RUNS_SHOWN} of the last 7 days.`,
    )
    .action(async (options: AnyEnvironmentOptions) => {
      const found = await inEnvironments(cli, options, (connection) => statusOf(connection, cli.clock.now()));
      const inOrder = found.sort((a, b) => environments.indexOf(a.environment) - environments.indexOf(b.environment));
      if (options.json) printJson(cli, { environments: inOrder });
      else print(cli, inOrder);
    });

export async function statusOf(connection: Connection, nowMs: number): Promise<EnvironmentStatus> {
  const models = await connection.registry.models();
  const [modelStatuses, runsUnderWay, promotions, failed, deadLetters] = await Promise.all([
    Promise.all(models.map((model) => modelStatus(connection, model))),
    listRuns(connection, { status: 'running', limit: 50 }, nowMs),
    promotionsOf(connection),
    listRuns(connection, { status: 'failed', limit: FAILED_RUNS_SHOWN }, nowMs),
    deadLettersOf(connection),
  ]);
  return {
    environment: connection.environment,
    accountId: connection.accountId,
    models: modelStatuses,
    runsUnderWay,
    promotionsUnderWay: promotions.filter(({ status }) => status === 'running' || status === 'awaiting-approval'),
    failedRuns: failed.filter((run) => nowMs - Date.parse(run.startedAt) < FAILED_RUNS_OF_MS),
    deadLetters,
  };
}

async function modelStatus({ registry }: Connection, model: string): Promise<ModelStatus> {
  const [deployment, versions, recipe] = await Promise.all([
    registry.deployment(model),
    registry.modelVersions(model),
    registry.currentRecipe(model),
  ]);
  const champion = deployment?.champion ?? null;
  const version = champion && versions.find((one) => one.modelDigest === champion.modelDigest);
  const dataset = version && (await registry.dataset(model, version.datasetDigest));
  return {
    model,
    champion: champion && {
      version: champion.version,
      modelDigest: champion.modelDigest,
      since: champion.since,
      algorithm: version?.algorithm ?? null,
      metrics: version?.evaluation.metrics ?? {},
      datasetDigest: version?.datasetDigest ?? null,
      rows: dataset?.rows ?? null,
    },
    canary: deployment?.canary ? { version: deployment.canary.version, weight: deployment.canary.weight } : null,
    versions: versions.length,
    hasRecipe: recipe !== undefined,
  };
}

async function deadLettersOf({ sqs, names }: Connection): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: names.deadLetterQueue }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}

function print(cli: Cli, statuses: readonly EnvironmentStatus[]): void {
  const { terminal, clock } = cli;
  const { paint } = terminal;
  const rows = statuses.flatMap(({ environment, models }) =>
    models.length === 0
      ? [[environment, paintCell('no models yet', paint.dim), '', '', '', '', '']]
      : models.map(({ model, champion, canary, hasRecipe }) => [
          environment,
          model,
          champion
            ? { text: `version ${champion.version}`, paint: paint.good }
            : paintCell(hasRecipe ? 'none serves yet' : 'data only, no recipe yet', paint.dim),
          champion ? headlineMetric(champion.metrics) : '',
          champion?.rows ? `${formatCount(champion.rows)} rows` : '',
          champion?.datasetDigest ? shortDigest(champion.datasetDigest) : '',
          [
            champion && formatAge(champion.since, clock.now()),
            canary && `canary: version ${canary.version}, ${canary.weight * 100} %`,
          ]
            .filter(Boolean)
            .join(', '),
        ]),
  );
  const columns = [
    { title: 'ENV' },
    { title: 'MODEL' },
    { title: 'SERVES', keep: true },
    { title: 'MEASURED' },
    { title: 'TRAINED ON', align: 'right' },
    { title: 'DATASET' },
    { title: 'SINCE' },
  ] as const;
  for (const line of formatTable(columns, rows, { width: terminal.columns, heading: paint.dim })) terminal.out(line);
  terminal.out('');
  const notes = statuses.flatMap((status) => notesOf(cli, status));
  for (const note of notes.length > 0 ? notes : [paint.good('Nothing is under way, nothing waits, nothing has failed')])
    terminal.out(note);
}

const paintCell = (text: string, paint: (text: string) => string) => ({ text, paint });

function notesOf({ terminal: { paint }, clock }: Cli, status: EnvironmentStatus): string[] {
  const { environment } = status;
  return [
    ...status.runsUnderWay.map(
      (run) =>
        `${environment}: ${run.machine} of ${run.model ?? '?'} runs, started ${formatAge(run.startedAt, clock.now())}: sluice run ${run.runId} --follow`,
    ),
    ...status.promotionsUnderWay
      .filter((promotion) => promotion.status === 'awaiting-approval')
      .map((promotion) =>
        paint.warn(
          `${environment}: ${promotion.request.model} waits for an approval: sluice approve ${promotion.promotionId} --env ${environment} --comment "…"`,
        ),
      ),
    ...status.failedRuns.map((run) =>
      paint.bad(
        `${environment}: ${run.machine} of ${run.model ?? '?'} failed ${formatAge(run.endedAt ?? run.startedAt, clock.now())}${run.error ? ` (${run.error})` : ''}: sluice run ${run.runId}`,
      ),
    ),
    ...(status.deadLetters > 0
      ? [paint.bad(`${environment}: ${status.deadLetters} dead letters in sluice-${environment}-dead-letters`)]
      : []),
  ];
}
