import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cli } from '../cli/cli.ts';
import { stopRuntime } from '../cli/local/runtime-process.ts';
import { processCli } from '../cli/process-cli.ts';
import { listRuns } from '../cli/runs/list-runs.ts';
import { readHistory } from '../cli/runs/read-history.ts';
import { stepsOf } from '../cli/runs/run-steps.ts';
import type { Connection } from '../cli/target/connection.ts';
import { executionArn } from '../cli/target/resource-names.ts';
import { environments } from '../domain/environment.ts';
import { bringUp } from '../scripts/start/bring-up.ts';
import { runPipeline } from '../scripts/start/run-pipeline.ts';
import type { Report } from './bench.ts';
import { machine, median, round } from './machine.ts';

/** Their time is other people's (an approval) or another run's (a nested one). */
const WAITING = new Set(['AuthorizePromotion', 'Retrain']);

interface Measured {
  readonly state: string;
  readonly stepMs: number;
  readonly workMs: number;
}

/** Each step of each run of an environment: how long its state took, and how long its function says that it worked. */
async function measure(connection: Connection): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const run of await listRuns(connection, { limit: 100 }, Date.now())) {
    const audit = await connection.registry.auditEvents({ runId: run.runId });
    for (const step of stepsOf(
      await readHistory(connection, executionArn(connection.names, run.machine, run.runId)),
      Date.now(),
    )) {
      if (step.type !== 'TaskState' && step.type !== 'Task') continue;
      const work = audit.find(({ state, outcome }) => state === step.state && outcome === 'succeeded');
      if (work && step.attempts === 1 && !WAITING.has(step.state)) {
        measured.push({ state: step.state, stepMs: step.durationMs, workMs: work.durationMs });
      }
    }
  }
  return measured;
}

/**
 * The example's data from the upload in DEV until PRD serves its model, on an empty runtime with fsync on, and what each step takes
 * beside the work of its function: invoking it (cold, most of them), the engine, the disk. Functions start cold, as on a new machine.
 */
export async function bench(): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  process.env.SLUICE_HOME = directory;
  process.chdir(join(import.meta.dirname, '..'));
  const { cli: loud } = processCli(process);
  const cli: Cli = { ...loud, terminal: { ...loud.terminal, out: () => {} } };
  try {
    const upMs = performance.now();
    await bringUp(cli, { directory, port: 0, fresh: false });
    const startMs = performance.now() - upMs;
    const connections = await Promise.all(environments.map((env) => cli.connect({ env })));
    const pipeline = await runPipeline(cli, connections, { model: 'credit-risk', directory: 'examples/credit-risk' });
    const measured = (await Promise.all(connections.map(measure))).flat();
    const audit = await Promise.all(connections.map(({ registry }) => registry.auditEvents({ environment: true })));

    const states = [...new Set(measured.map(({ state }) => state))];
    const rows = states.map((state) => {
      const own = measured.filter((one) => one.state === state);
      return {
        state,
        steps: own.length,
        stepMs: round(median(own.map(({ stepMs }) => stepMs))),
        workMs: round(median(own.map(({ workMs }) => workMs))),
        overheadMs: round(median(own.map(({ stepMs, workMs }) => stepMs - workMs))),
      };
    });
    const overheads = measured.map(({ stepMs, workMs }) => stepMs - workMs).sort((a, b) => a - b);
    return {
      bench: 'pipeline',
      machine: machine(),
      rows,
      summary: {
        secondsFromUploadToPrd: round((pipeline?.ms ?? Number.NaN) / 1000, 2),
        secondsToStart: round(startMs / 1000, 2),
        steps: measured.length,
        overheadMsMedian: round(median(overheads)),
        overheadMsP90: round(overheads[Math.floor(overheads.length * 0.9)] ?? Number.NaN),
        workSeconds: round(measured.reduce((sum, { workMs }) => sum + workMs, 0) / 1000, 2),
        auditEvents: audit.flat().length,
        lost: audit.flat().filter(({ outcome }) => outcome === 'lost').length,
        fsync: 'on',
      },
    };
  } finally {
    await stopRuntime(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}
