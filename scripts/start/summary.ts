import { formatDuration } from '../../cli/output/durations.ts';
import { formatCount, formatFigure, shortDigest } from '../../cli/output/figures.ts';
import type { Paint } from '../../cli/output/paint.ts';
import { formatTable } from '../../cli/output/table.ts';
import type { Environment } from '../../domain/environment.ts';
import type { GateResult } from '../../domain/gates.ts';
import type { FeatureRow, PredictResponse } from '../../domain/ports/endpoint.ts';
import type { Pipeline } from './run-pipeline.ts';

/** What one environment has to show at the end. */
export interface EnvironmentResult {
  readonly environment: Environment;
  readonly version: number | null;
  readonly modelDigest: string | null;
  readonly algorithm: string | null;
  readonly metrics: { readonly [name: string]: number };
  readonly datasetDigest: string | null;
  readonly rows: number | null;
  readonly gates: readonly GateResult[];
  /** From the first run's start to the end of the promotion; null where nothing was promoted. */
  readonly durationMs: number | null;
  readonly auditEvents: number;
  readonly lost: number;
  /** Runs whose attempts were not compared with their audit events, or not found complete. */
  readonly unreconciledRuns: readonly string[];
}

export interface Summary {
  readonly model: string;
  readonly results: readonly EnvironmentResult[];
  readonly prediction: { readonly row: FeatureRow; readonly response: PredictResponse } | null;
  /** What this start did; null when all of it was done by an earlier one. */
  readonly pipeline: Pipeline | null;
}

const METRICS = ['auc', 'logLoss', 'rmse', 'r2'];

/** PRD serves a version, and every attempt of every function left its audit event. */
export const isComplete = ({ results }: Summary): boolean =>
  results.some((result) => result.environment === 'prd' && result.version !== null) && results.every(isAudited);

const isAudited = ({ lost, auditEvents, unreconciledRuns }: EnvironmentResult): boolean =>
  lost === 0 && auditEvents > 0 && unreconciledRuns.length === 0;

/** The end of `npm start`, in lines. */
export function summaryLines(summary: Summary, paint: Paint, width: number): string[] {
  const { results, model, pipeline } = summary;
  const table = formatTable(
    [
      { title: '' },
      { title: 'SERVES', keep: true },
      { title: 'TRAINED ON', align: 'right' },
      { title: 'DATASET', leaves: 1 },
      { title: 'MEASURED ON HELD-OUT ROWS' },
      { title: 'GATES', keep: true },
      { title: 'TIME', align: 'right' },
    ],
    results.map((result) => [
      { text: result.environment.toUpperCase(), paint: paint.bold },
      result.version === null
        ? { text: 'nothing', paint: paint.bad }
        : { text: `version ${result.version}`, paint: paint.good },
      result.rows === null ? '' : `${formatCount(result.rows)} rows`,
      result.datasetDigest === null ? '' : shortDigest(result.datasetDigest),
      measured(result),
      gatesCell(result.gates, paint),
      result.durationMs === null ? '' : formatDuration(result.durationMs),
    ]),
    { width, heading: paint.dim },
  );
  const total = results.reduce((sum, result) => sum + result.auditEvents, 0);
  const lost = results.reduce((sum, result) => sum + result.lost, 0);
  const unreconciled = results.flatMap((result) => result.unreconciledRuns);
  const trail =
    lost > 0
      ? paint.bad(`${lost} lost`)
      : unreconciled.length > 0
        ? paint.bad(`not found complete: ${unreconciled.join(', ')}`)
        : paint.good('complete: every attempt of every step left one');
  return [
    paint.bold(`${model}${tookOf(pipeline)}`),
    '',
    ...table,
    '',
    `Audit trail   ${total} events, ${trail}`,
    ...predictionLines(summary, paint),
  ];
}

const tookOf = (pipeline: Pipeline | null): string =>
  pipeline === null
    ? ''
    : pipeline.hasStarted
      ? `: from the upload to production in ${formatDuration(pipeline.ms)}`
      : `: from where an earlier start was to production in ${formatDuration(pipeline.ms)}`;

function measured({ algorithm, metrics }: EnvironmentResult): string {
  const figures = METRICS.flatMap((name) =>
    metrics[name] === undefined ? [] : [`${name} ${formatFigure(metrics[name])}`],
  );
  return [figures.join(', '), algorithm].filter(Boolean).join(', ');
}

function gatesCell(gates: readonly GateResult[], paint: Paint) {
  const held = gates.filter((gate) => gate.verdict === 'held').length;
  if (gates.length === 0) return '';
  return held === 0
    ? { text: `${gates.length} passed`, paint: paint.good }
    : { text: `${held} of ${gates.length} held`, paint: paint.bad };
}

function predictionLines({ prediction }: Summary, paint: Paint): string[] {
  const first = prediction?.response.predictions[0];
  if (!prediction || !first) return [];
  const { row, response } = prediction;
  const asked = Object.entries(row)
    .slice(0, 5)
    .map(([name, value]) => `${name} ${value ?? 'missing'}`)
    .join(', ');
  const answer =
    first.label === null ? formatFigure(first.score) : `${first.label} (score ${formatFigure(first.score)})`;
  return [
    `Prediction    ${response.environment.toUpperCase()}, version ${response.version}: ${asked}, … → ${paint.bold(answer)}`,
  ];
}
