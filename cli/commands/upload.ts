import { createReadStream, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Transform } from 'node:stream';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Command } from 'commander';
import { sha256 } from '../../adapters/system/sha256.ts';
import { modelOfDataKey } from '../../domain/artifact-keys.ts';
import { type Arrival, arrivalIdOf, type ObjectVersion } from '../../domain/dataset.ts';
import { type Cli, type EnvironmentOptions, printJson, withConnection } from '../cli.ts';
import { withEnvironment } from '../command-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { formatBytes } from '../output/figures.ts';
import { printable } from '../output/paint.ts';
import type { DescribedRun } from '../runs/describe-run.ts';
import { followRun } from '../runs/follow-run.ts';
import { hasFailed } from '../runs/run.ts';
import { readCause } from '../runs/run-steps.ts';
import type { Connection } from '../target/connection.ts';

interface UploadOptions extends EnvironmentOptions {
  readonly model: string;
  readonly key?: string;
  readonly wait?: boolean;
  readonly follow?: boolean;
}

/** What S3 takes in one PUT. */
const LARGEST_BYTES = 5 * 1024 ** 3;
const PROGRESS_FROM_BYTES = 20 * 1000 ** 2;
const ARRIVAL_TIMEOUT_MS = 60_000;

export const uploadCommand = (cli: Cli): Command =>
  withEnvironment(new Command('upload'))
    .description('upload a data file for a model; its arrival starts a training run')
    .argument('<file>', 'a CSV or Parquet file, or a manifest (.manifest.json) of keys that were uploaded before')
    .requiredOption('--model <name>', 'the model that the data is for (required)')
    .option('--key <key>', 'the key below <model>/ (default: the name of the file)')
    .option('--wait', 'wait until the run that it starts has ended; the exit status is that of the run')
    .option('--follow', 'as --wait, and show each step')
    .addHelpText(
      'after',
      `
Examples:
  sluice upload data/dev.csv --model credit-risk
  sluice upload march.parquet --model credit-risk --env acc --follow

JSON: { model, environment, bucket, key, versionId, bytes, arrivalId, runId }; runId is null where no run was started
(the environment has no recipe yet) or was not waited for.`,
    )
    .action(async (file: string, options: UploadOptions) => {
      const bytes = sizeOf(file);
      const key = `${options.model}/${options.key ?? basename(file)}`;
      if (modelOfDataKey(key) !== options.model) {
        throw new Failure(
          exitCodes.usage,
          `"${options.model}" is no name of a model: 3 to 40 characters of a-z, 0-9 and "-"`,
        );
      }
      await withConnection(cli, options, async (connection) => {
        const versionId = await putFile(cli, connection, { file, key, bytes });
        const objects = await arrivedObjects(connection, file, { key, versionId });
        const arrivalId = arrivalIdOf(sha256, options.model, objects);
        const uploaded = {
          model: options.model,
          environment: connection.environment,
          bucket: connection.names.dataBucket,
          key,
          versionId,
          bytes,
          arrivalId,
        };
        if (!options.json) {
          cli.terminal.out(`${formatBytes(bytes)} uploaded to s3://${uploaded.bucket}/${printable(key)}`);
        }
        if (!options.wait && !options.follow) {
          if (options.json) printJson(cli, { ...uploaded, runId: null });
          else cli.terminal.out(`See what it starts: sluice runs --env ${connection.environment}`);
          return;
        }
        const arrival = await waitForArrival(cli, connection, { model: options.model, arrivalId, key, versionId });
        if (options.json) printJson(cli, { ...uploaded, runId: arrival.runId });
        if (arrival.runId === null) {
          if (!options.json) {
            cli.terminal.out(
              `Kept: ${connection.environment} has no recipe for ${options.model} yet. Publish one, or promote one into it.`,
            );
          }
          return;
        }
        const run = await followRun(cli, connection, arrival.runId, { quiet: options.json || !options.follow });
        if (hasFailed(run.status)) cli.setExitCode(exitCodes.failed);
        if (!options.json) cli.terminal.out(outcomeOf(cli, run));
      });
    });

/** Why a run failed stands here too: with `--wait` no step was shown. */
function outcomeOf({ terminal: { paint } }: Cli, { runId, environment, status, error, cause }: DescribedRun): string {
  const told = hasFailed(status) ? paint.bad(status) : status === 'succeeded' ? paint.good(status) : status;
  const why =
    error === null ? '' : `: ${[error, readCause(cause)].filter(Boolean).map(String).map(printable).join(': ')}`;
  return `Run ${runId} ${told}${why}\nSee it: sluice run ${runId} --env ${environment}`;
}

function sizeOf(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new Failure(exitCodes.usage, `There is no file ${file}`);
  if (!found.isFile()) throw new Failure(exitCodes.usage, `${file} is not a file`);
  if (found.size > LARGEST_BYTES) {
    throw new Failure(exitCodes.usage, `${file} has ${formatBytes(found.size)}; one upload holds at most 5 GiB`, {
      hint: 'upload parts, and then a manifest that names them',
    });
  }
  return found.size;
}

/** Streams the file, so that its size is no matter, and answers the version that S3 made of it. */
async function putFile(
  cli: Cli,
  connection: Connection,
  { file, key, bytes }: { file: string; key: string; bytes: number },
): Promise<string> {
  const showsProgress = cli.terminal.isInteractive && bytes >= PROGRESS_FROM_BYTES;
  let sent = 0;
  let shownPercent = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      const percent = Math.floor((sent / bytes) * 10) * 10;
      if (showsProgress && percent > shownPercent) {
        shownPercent = percent;
        cli.terminal.err(`${percent} %  ${formatBytes(sent)} of ${formatBytes(bytes)}`);
      }
      done(null, chunk);
    },
  });
  const { VersionId } = await connection.s3.send(
    new PutObjectCommand({
      Bucket: connection.names.dataBucket,
      Key: key,
      Body: bytes === 0 ? '' : createReadStream(file).pipe(meter),
      ContentLength: bytes,
    }),
    { abortSignal: cli.interrupted },
  );
  if (!VersionId) {
    throw new Failure(
      exitCodes.failed,
      `The bucket ${connection.names.dataBucket} keeps no versions; Sluice needs them`,
      {
        hint: 'deploy again: serverless.yml turns versioning on',
      },
    );
  }
  return VersionId;
}

/** What the upload brings: the object itself, or those that a manifest names, in the versions that are current now. */
async function arrivedObjects(
  connection: Connection,
  file: string,
  uploaded: ObjectVersion,
): Promise<readonly ObjectVersion[]> {
  if (!uploaded.key.endsWith('.manifest.json')) return [uploaded];
  let named: readonly { readonly key: string; readonly versionId?: string }[];
  try {
    named = (JSON.parse(readFileSync(file, 'utf8')) as { objects: typeof named }).objects;
    return await Promise.all(
      named.map(async ({ key, versionId }) => {
        if (versionId !== undefined) return { key, versionId };
        const head = await connection.s3.send(new HeadObjectCommand({ Bucket: connection.names.dataBucket, Key: key }));
        return { key, versionId: head.VersionId ?? '' };
      }),
    );
  } catch {
    // Whatever is wrong with the manifest, the environment says it, with a `Dataset Rejected`.
    return [uploaded];
  }
}

interface Awaited {
  readonly model: string;
  readonly arrivalId: string;
  readonly key: string;
  readonly versionId: string;
}

async function waitForArrival(
  cli: Cli,
  connection: Connection,
  { model, arrivalId, key, versionId }: Awaited,
): Promise<Arrival> {
  const deadline = cli.clock.monotonicMs() + ARRIVAL_TIMEOUT_MS;
  while (!cli.interrupted.aborted && cli.clock.monotonicMs() < deadline) {
    const arrival = await connection.registry.arrival(model, arrivalId);
    if (arrival) return arrival;
    const refusal = (await connection.registry.facts(50)).find(
      ({ type, data }) =>
        type === 'Dataset Rejected' &&
        (data.objects as ObjectVersion[]).some((one) => one.key === key && one.versionId === versionId),
    );
    if (refusal) {
      const violations = refusal.data.violations as readonly { readonly message: string }[];
      throw new Failure(
        exitCodes.failed,
        `${connection.environment} rejected the upload:\n${violations.map(({ message }) => message).join('\n')}`,
      );
    }
    await cli.pause(200);
  }
  throw new Failure(exitCodes.failed, 'The upload is there, and its arrival was not recorded in 60 s', {
    hint: `look for what went wrong: sluice status, sluice audit --env ${connection.environment}`,
  });
}
