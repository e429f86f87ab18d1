import type { Feature } from './feature-schema.ts';
import { type Model, predictTable } from './model.ts';
import type { FeatureRow, Prediction } from './onnx/load-onnx.ts';
import { hashRows } from './row-hash.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import { columnOf, type Table, TableBuilder } from './table.ts';

/** A made-up request and what the native predictor answers to it. */
export interface GoldenRequest {
  readonly row: FeatureRow;
  readonly expected: Prediction;
}

export interface GoldenRequestsOptions {
  readonly model: Model;
  readonly seed: number;
  /** Default 24. Fewer come back when nearly every possible row is in `avoid`. */
  readonly count?: number;
  /** Training rows: none of the requests equals one of them. */
  readonly avoid?: Table;
}

/** A level that no training table is expected to have. */
const UNKNOWN_LEVEL = 'sluice: a level never seen';

const drawNumber = (range: readonly [number, number], whole: boolean, random: SeededRandom): number => {
  const value = range[0] + random.next() * (range[1] - range[0]);
  if (whole) return Math.round(value);
  // Four significant digits are enough to be unlike a measured value and short enough to read.
  return Number(value.toPrecision(4));
};

/** The share of requests that probe a missing value or an unknown level of a feature. */
const PROBE_SHARE = 0.1;

const drawCell = (feature: Feature, random: SeededRandom): number | string | null => {
  const probe = random.next();
  if (probe < PROBE_SHARE / 2) return null;
  if (feature.kind === 'number') return drawNumber(feature.range, feature.whole, random);
  if (probe < PROBE_SHARE) return UNKNOWN_LEVEL;
  return feature.levels[random.below(feature.levels.length)]!;
};

const drawRow = (features: readonly Feature[], random: SeededRandom): FeatureRow =>
  Object.fromEntries(features.map((feature) => [feature.name, drawCell(feature, random)]));

/** Requests as a table of the model's features. */
const tableOfRows = (features: readonly Feature[], rows: readonly FeatureRow[]): Table => {
  const builder = new TableBuilder(features.map(({ name, kind }) => ({ name, kind })));
  builder.append(rows.map((row) => features.map(({ name }) => row[name])));
  return builder.build();
};

/** Row hashes over the model's features. */
const hashesOf = ({ features }: Model, table: Table): Uint32Array =>
  hashRows(
    table,
    features.map(({ name }) => columnOf(table, name)),
    0,
  );

const predictions = (model: Model, table: Table): Prediction[] =>
  Array.from(predictTable(model, table), (value) => {
    if (model.labels === null) return { prediction: value };
    const label = model.labels[value >= model.threshold! ? 1 : 0];
    return { label, probability: value, probabilities: [Math.fround(1 - value), value] };
  });

/**
 * Requests for testing a deployed endpoint, drawn from the feature schema (usual ranges, known levels) and never from rows; the first has every
 * value missing, and about one cell in ten is missing or an unknown level. The same model and seed give the same requests.
 */
export const goldenRequests = ({ model, seed, count = 24, avoid }: GoldenRequestsOptions): GoldenRequest[] => {
  const random = seededRandom(seed);
  const candidates: FeatureRow[] = [Object.fromEntries(model.features.map(({ name }) => [name, null]))];
  while (candidates.length < count * 4) candidates.push(drawRow(model.features, random));
  const training = new Set(avoid === undefined ? [] : hashesOf(model, avoid));
  const hashes = hashesOf(model, tableOfRows(model.features, candidates));
  // Equal rows have equal hashes; the rare unequal row with a training row's hash is left out as well, which does no harm.
  const rows = candidates.filter((_, i) => !training.has(hashes[i]!)).slice(0, count);
  const expected = predictions(model, tableOfRows(model.features, rows));
  return rows.map((row, i) => ({ row, expected: expected[i]! }));
};
