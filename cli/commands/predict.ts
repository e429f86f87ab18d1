import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Command, Option } from 'commander';
import { artifactKeys } from '../../domain/artifact-keys.ts';
import type { Feature, PackageManifest } from '../../domain/package-manifest.ts';
import type { FeatureRow, PredictResponse } from '../../domain/ports/endpoint.ts';
import { type Cli, type EnvironmentOptions, printJson, withConnection } from '../cli.ts';
import { withEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatFigure, shortDigest } from '../output/figures.ts';
import { formatTable } from '../output/table.ts';
import { parseRow, readRows } from '../prediction/read-rows.ts';
import type { Connection } from '../target/connection.ts';
import { messageOf } from './decide.ts';

interface PredictOptions extends EnvironmentOptions {
  readonly row?: string;
  readonly file?: string;
}

/** Of the features that were given, as many as help to know a row again. */
const SHOWN_FEATURES = 5;

export const predictCommand = (cli: Cli): Command =>
  withEnvironment(new Command('predict'))
    .description('ask the model that serves in an environment')
    .argument('<model>', 'the name of the model')
    .addOption(new Option('--row <json>', 'one row of features, or an array of rows').conflicts('file'))
    .option('--file <file>', 'rows as CSV (columns that are no feature are left out), JSON or JSON lines')
    .addHelpText(
      'after',
      `
A feature that is not given, or null, is missing to the model.

Examples:
  sluice predict credit-risk --env prd --row '{"Age": 30, "Home": "rent", "Income": 120}'
  sluice predict credit-risk --env prd --file applicants.csv --json

JSON: { model, environment, version, modelDigest, predictions: [{ score, label }] }; score is the probability of the positive
label, or the predicted value; label is null for regression.`,
    )
    .action(async (model: string, options: PredictOptions) => {
      if (options.row === undefined && options.file === undefined) {
        throw new Failure(exitCodes.usage, 'No rows to predict', {
          hint: `give --row '{"feature": value}' or --file rows.csv`,
        });
      }
      await withConnection(cli, options, async (connection) => {
        const features = await featuresOf(connection, model);
        const rows =
          options.row === undefined ? readRows(options.file ?? '', features) : parseRow(options.row, features);
        const response = await predict(connection, model, rows);
        if (options.json) printJson(cli, response);
        else print(cli, rows, response);
      });
    });

/** The prediction of the environment's champion. Throws Failure with what the endpoint said where it refuses. */
export async function predict(
  connection: Connection,
  model: string,
  rows: readonly FeatureRow[],
): Promise<PredictResponse> {
  const answer = await connection.postToFunction('predict', { model, rows });
  if (answer.status === 200) return JSON.parse(answer.text) as PredictResponse;
  const message = messageOf(answer.text);
  if (answer.status === 403)
    throw new Failure(exitCodes.denied, `${connection.callerArn} may not ask for predictions: ${message}`);
  throw new Failure(
    answer.status === 404 ? exitCodes.notFound : exitCodes.failed,
    `${connection.environment} gives no prediction (${answer.status}): ${message}`,
    answer.status === 404
      ? { hint: `sluice versions ${model} --env ${connection.environment} tells what there is` }
      : {},
  );
}

/** Rows of a file, its cells read as the features of the champion say. */
export async function rowsOfFile(connection: Connection, model: string, file: string): Promise<FeatureRow[]> {
  return readRows(file, await featuresOf(connection, model));
}

async function featuresOf(
  { registry, s3, names, environment }: Connection,
  model: string,
): Promise<readonly Feature[]> {
  const champion = (await registry.deployment(model))?.champion;
  if (!champion) {
    throw new Failure(exitCodes.notFound, `No version of ${model} serves in ${environment}`, {
      hint: 'sluice status tells what serves where',
    });
  }
  const Key = artifactKeys.package(model, champion.modelDigest, 'manifest.json');
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: names.artifactsBucket, Key }));
  return (JSON.parse((await Body?.transformToString()) ?? '{}') as PackageManifest).features;
}

function print(
  cli: Cli,
  rows: readonly FeatureRow[],
  { model, environment, version, modelDigest, predictions }: PredictResponse,
): void {
  const { terminal } = cli;
  terminal.out(`${model} version ${version} in ${environment} (${shortDigest(modelDigest)})`);
  const given = rows.flatMap((row) => Object.keys(row).filter((name) => (row[name] ?? null) !== null));
  const names = [...new Set(given)].slice(0, SHOWN_FEATURES);
  const lines = formatTable(
    [
      { title: 'ROW', align: 'right' },
      { title: 'LABEL', keep: true },
      { title: 'SCORE', align: 'right', keep: true },
      ...names.map((title) => ({ title })),
    ],
    predictions.map((prediction, index) => [
      String(index + 1),
      prediction.label ?? '',
      formatFigure(prediction.score),
      ...names.map((name) => String(rows[index]?.[name] ?? '')),
    ]),
    { width: terminal.columns, heading: terminal.paint.dim },
  );
  for (const line of lines) terminal.out(line);
}
