import { Command } from 'commander';
import type { Environment } from '../../domain/environment.ts';
import type { ModelVersion } from '../../domain/model-version.ts';
import { type AnyEnvironmentOptions, type Cli, inEnvironments, printJson } from '../cli.ts';
import { withAnyEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatAge } from '../output/durations.ts';
import { formatCount, formatFigure, shortDigest } from '../output/figures.ts';
import { formatTable } from '../output/table.ts';
import type { Connection } from '../target/connection.ts';

/** How a version stands to the users of its environment. */
type Serving = 'champion' | 'canary' | null;
type ListedVersion = ModelVersion & {
  readonly environment: Environment;
  readonly serving: Serving;
  readonly rows: number | null;
};

/** The first figures of a version; the rest is in `--json`. */
const SHOWN_METRICS = 3;

export const versionsCommand = (cli: Cli): Command =>
  withAnyEnvironment(new Command('versions'))
    .description('list the versions of a model, newest first, with figures and lineage')
    .argument('<model>', 'the name of the model')
    .addHelpText(
      'after',
      `
Examples:
  sluice versions credit-risk
  sluice versions credit-risk --env prd --json

JSON: { versions: [{ environment, serving: "champion" | "canary" | null, rows, model, version, modelDigest, recipeDigest,
datasetDigest, classification, algorithm, evaluation: { metrics, testRows }, runId, trigger, registeredAt, signature }] }`,
    )
    .action(async (model: string, options: AnyEnvironmentOptions) => {
      const versions = (await inEnvironments(cli, options, (connection) => versionsOf(connection, model))).flat();
      if (options.json) return printJson(cli, { versions });
      if (versions.length === 0) {
        throw new Failure(exitCodes.notFound, `${model} has no version in ${options.env ?? 'any environment'}`, {
          hint: 'sluice status tells which models there are',
        });
      }
      printVersions(cli, versions);
    });

async function versionsOf(connection: Connection, model: string): Promise<ListedVersion[]> {
  const { registry, environment } = connection;
  const [versions, deployment] = await Promise.all([registry.modelVersions(model), registry.deployment(model)]);
  const datasets = await Promise.all(versions.map((version) => registry.dataset(model, version.datasetDigest)));
  return versions.map((version, index) => ({
    environment,
    serving:
      deployment?.champion?.modelDigest === version.modelDigest
        ? 'champion'
        : deployment?.canary?.modelDigest === version.modelDigest
          ? 'canary'
          : null,
    rows: datasets[index]?.rows ?? null,
    ...version,
  }));
}

const isHeadline = (metric: string): boolean => metric === 'auc' || metric === 'rmse';

function printVersions(cli: Cli, versions: readonly ListedVersion[]): void {
  const { terminal } = cli;
  const lines = formatTable(
    [
      { title: 'ENV' },
      { title: 'VERSION', align: 'right' },
      { title: 'SERVES', keep: true },
      { title: 'ALGORITHM' },
      { title: 'FIGURES' },
      { title: 'ROWS', align: 'right', leaves: 3 },
      { title: 'DATASET', leaves: 2 },
      { title: 'MODEL', keep: true },
      { title: 'WHY', leaves: 1 },
      { title: 'REGISTERED' },
    ],
    versions.map((version) => [
      version.environment,
      String(version.version),
      { text: version.serving ?? '', paint: terminal.paint.good },
      version.algorithm,
      Object.entries(version.evaluation.metrics)
        .filter(([name]) => name !== 'threshold')
        .sort(([a], [b]) => Number(isHeadline(b)) - Number(isHeadline(a)))
        .slice(0, SHOWN_METRICS)
        .map(([name, value]) => `${name} ${formatFigure(value)}`)
        .join(' '),
      version.rows === null ? '' : formatCount(version.rows),
      shortDigest(version.datasetDigest),
      shortDigest(version.modelDigest),
      version.trigger.kind,
      formatAge(version.registeredAt, cli.clock.now()),
    ]),
    { width: terminal.columns, heading: terminal.paint.dim },
  );
  for (const line of lines) terminal.out(line);
}
