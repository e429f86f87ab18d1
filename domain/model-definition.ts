import type { Classification } from './classification.ts';
import type { Environment } from './environment.ts';

/** What a model is: the content of its `model.yaml`, with defaults filled in. Read by contracts/model-definition. */
export interface ModelDefinition {
  /** kebab-case, 3 to 40 characters; the first part of the keys of its uploads. */
  readonly model: string;
  readonly description: string;
  readonly task: ModelTask;
  readonly data: DataContract;
  readonly training: TrainingDefinition;
  readonly gates: Readonly<Record<Environment, GateDefinition>>;
  readonly promotion: PromotionDefinition;
  readonly serving: ServingDefinition;
}

export type ModelTask = 'binary-classification' | 'regression';

/** What each arrived table must meet, checked by domain/data-contract before anything is trained on it. */
export interface DataContract {
  readonly classification: Classification;
  readonly target: TargetDefinition;
  /** Inclusive. */
  readonly rows: { readonly min: number; readonly max: number };
  /** By column name. Their order means nothing: a file may have them in any. */
  readonly columns: Readonly<Record<string, ColumnContract>>;
  /** Combinations of columns in which no two rows may agree. */
  readonly unique: readonly (readonly string[])[];
  /** Columns that are checked but never trained on. */
  readonly excludeFromTraining: readonly string[];
}

export interface TargetDefinition {
  readonly column: string;
  /** The value of the positive class. Absent for regression. */
  readonly positive?: string;
}

interface ColumnBase {
  /** The largest share of missing cells that is accepted, 0 to 1. A cell is missing when it is empty or `NA`. */
  readonly missing: number;
}

/** Whole numbers between ±(2^53 − 1). Bounds are inclusive. */
export interface IntegerColumnContract extends ColumnBase {
  readonly type: 'integer';
  readonly min?: number;
  readonly max?: number;
}

/** Decimal numbers, finite. Bounds are inclusive. */
export interface NumberColumnContract extends ColumnBase {
  readonly type: 'number';
  readonly min?: number;
  readonly max?: number;
}

export interface CategoryColumnContract extends ColumnBase {
  readonly type: 'category';
  /** The only values accepted. Without it, any, up to {@link MAX_CATEGORY_LEVELS} different ones. */
  readonly values?: readonly string[];
}

/** `true` and `false`, in any case. A category of these two in training. */
export interface BooleanColumnContract extends ColumnBase {
  readonly type: 'boolean';
}

/** Free text: accepted in the data, never trained on. */
export interface TextColumnContract extends ColumnBase {
  readonly type: 'text';
}

export type ColumnContract =
  | IntegerColumnContract
  | NumberColumnContract
  | CategoryColumnContract
  | BooleanColumnContract
  | TextColumnContract;

export type ColumnType = ColumnContract['type'];

/** More than this many different values in a category column are free text, not a category. */
export const MAX_CATEGORY_LEVELS = 1000;

/** A uniqueness check holds about 12 bytes a row and combination: see domain/data-contract/row-keys.ts. */
export const MAX_UNIQUE_KEYS = 10_000_000;

export interface TrainingDefinition {
  readonly trainer: 'embedded';
  /** All are trained; the best on the validation part is kept. */
  readonly algorithms: readonly Algorithm[];
  readonly seed: number;
  /** Share of the rows held out for evaluation, 0.05 to 0.5. */
  readonly test: number;
}

export const ALGORITHMS = {
  'binary-classification': ['logistic-regression', 'gradient-boosting'],
  regression: ['linear-regression', 'gradient-boosting'],
} as const satisfies Record<ModelTask, readonly string[]>;
export type Algorithm = (typeof ALGORITHMS)[ModelTask][number];

/** The metrics that a gate can name, and whether more or less of it is better. */
export const METRICS = {
  'binary-classification': {
    auc: 'higher',
    logLoss: 'lower',
    brier: 'lower',
    calibrationError: 'lower',
    accuracy: 'higher',
    precision: 'higher',
    recall: 'higher',
    f1: 'higher',
  },
  regression: { rmse: 'lower', mae: 'lower', r2: 'higher' },
} as const satisfies Record<ModelTask, Record<string, 'higher' | 'lower'>>;
export type MetricName = keyof (typeof METRICS)['binary-classification'] | keyof (typeof METRICS)['regression'];

export interface GateDefinition {
  /** How many different people must approve a candidate in this environment. */
  readonly approvals: number;
  /** Inclusive bounds on the metrics measured on held-out data. */
  readonly metrics: Readonly<Partial<Record<MetricName, { readonly min?: number; readonly max?: number }>>>;
  /** How much worse than the champion, in units of the metric, a challenger may be on the same held-out rows. */
  readonly champion?: { readonly metric: MetricName; readonly worseByAtMost: number };
  /** Slowest acceptable 99th percentile of one prediction, and fewest rows a second in batches. */
  readonly performance?: { readonly p99Ms?: number; readonly rowsPerSecond?: number };
}

export interface PromotionDefinition {
  /** `retrain`: the recipe crosses and trains on the next environment's data. `copy`: the artifact crosses. */
  readonly strategy: 'retrain' | 'copy';
}

export interface ServingDefinition {
  /** Most rows that one prediction request may hold. */
  readonly maxRows: number;
}
