import { ColumnInvalid, TrainingDataInsufficient } from './errors.ts';
import { type CategoryColumn, columnOf, type NumberColumn, type Table } from './table.ts';

export interface NumberFeature {
  readonly name: string;
  readonly kind: 'number';
  /** 1 % and 99 % quantile of the training rows: what is usual, and no single person's extreme. */
  readonly range: readonly [number, number];
  /** Every training value was a whole number. */
  readonly whole: boolean;
  readonly missingShare: number;
}

export interface CategoryFeature {
  readonly name: string;
  readonly kind: 'category';
  /** In code unit order. A level that is not here is unknown to the model. */
  readonly levels: readonly string[];
  readonly missingShare: number;
}

export type Feature = NumberFeature | CategoryFeature;

export interface DroppedFeature {
  readonly name: string;
  readonly reason: string;
}

/** A level seen in fewer rows is not learned: it would say more about its few rows than about the level, and name them in the artifact. */
export const MINIMUM_LEVEL_ROWS = 5;
/** One tree bin a level, and one bin kept for missing. */
export const MAXIMUM_LEVELS = 254;

/** Names that the exported graph uses itself. */
const RESERVED = new Set(['label', 'probabilities', 'prediction']);

const numberFeature = (column: NumberColumn, rows: Int32Array): Feature | DroppedFeature => {
  const present = Float64Array.from(rows, (row) => Math.fround(column.values[row]!)).filter((v) => !Number.isNaN(v));
  present.sort();
  if (present.length === 0) return { name: column.name, reason: 'every value is missing' };
  const missingShare = 1 - present.length / rows.length;
  if (present[0] === present[present.length - 1] && missingShare === 0) {
    return { name: column.name, reason: 'every value is the same' };
  }
  if (!Number.isFinite(present[0]!) || !Number.isFinite(present[present.length - 1]!)) {
    return { name: column.name, reason: 'values beyond the range of 32-bit floats' };
  }
  const quantile = (share: number) => present[Math.round(share * (present.length - 1))]!;
  const whole = present.every((value) => Number.isInteger(value));
  return { name: column.name, kind: 'number', range: [quantile(0.01), quantile(0.99)], whole, missingShare };
};

const categoryFeature = (column: CategoryColumn, rows: Int32Array): Feature | DroppedFeature => {
  const counts = new Int32Array(column.levels.length);
  let missing = 0;
  for (const row of rows) {
    const code = column.codes[row]!;
    if (code < 0) missing += 1;
    else counts[code]! += 1;
  }
  const kept = Array.from(counts.keys())
    .filter((code) => counts[code]! >= MINIMUM_LEVEL_ROWS)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MAXIMUM_LEVELS);
  if (kept.length === 0) return { name: column.name, reason: `no level in ${MINIMUM_LEVEL_ROWS} rows or more` };
  if (kept.length === 1 && counts[kept[0]!] === rows.length) {
    return { name: column.name, reason: 'every value is the same' };
  }
  const levels = kept.map((code) => column.levels[code]!).sort();
  return { name: column.name, kind: 'category', levels, missingShare: missing / rows.length };
};

/**
 * What the model may use of each feature, learned from `rows` alone. Constant, empty and identifier-like columns are dropped with
 * the reason. Throws ColumnInvalid for a name the table lacks or that is given twice, TrainingDataInsufficient when nothing is left or a name is reserved.
 */
export const learnFeatures = (
  table: Table,
  names: readonly string[],
  rows: Int32Array,
): { features: Feature[]; dropped: DroppedFeature[] } => {
  const features: Feature[] = [];
  const dropped: DroppedFeature[] = [];
  for (const [place, name] of names.entries()) {
    if (names.indexOf(name) !== place) throw new ColumnInvalid(name, 'given twice as a feature');
    if (RESERVED.has(name) || name.startsWith('sluice/')) {
      throw new TrainingDataInsufficient(`Feature ${JSON.stringify(name)}: the name is reserved; rename the column`);
    }
    const column = columnOf(table, name);
    const learned = column.kind === 'number' ? numberFeature(column, rows) : categoryFeature(column, rows);
    if ('kind' in learned) features.push(learned);
    else dropped.push(learned);
  }
  if (features.length === 0) {
    const reasons = dropped.map(({ name, reason }) => `${name} (${reason})`).join(', ');
    throw new TrainingDataInsufficient(`No feature can be learned from: ${reasons || 'none was given'}`);
  }
  return { features, dropped };
};
