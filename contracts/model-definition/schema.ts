import * as v from 'valibot';
import { classifications } from '../../domain/classification.ts';
import { MAX_UNIQUE_KEYS } from '../../domain/model-definition.ts';

/**
 * The shape of `model.yaml`. What no schema can say (fields that must fit each other) is in cross-checks.ts.
 * `model-definition.schema.json` is made from this: `node contracts/model-definition/write-json-schema.ts`.
 */

const finite = v.pipe(v.number(), v.finite('must be a finite number'));
const share = v.pipe(
  finite,
  v.minValue(0, 'must be a share from 0 to 1'),
  v.maxValue(1, 'must be a share from 0 to 1'),
);

const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(), v.safeInteger(message), v.minValue(min, message), v.maxValue(max, message));
};

const text = (maxLength: number) =>
  v.pipe(
    v.string(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(maxLength, `must have at most ${maxLength} characters`),
  );

const columnName = text(128);

/** A whole number stands for its digits, so that `values: [0, 1]` means what it says. */
const categoryValue = v.union([text(256), v.pipe(v.number(), v.safeInteger(), v.transform(String))]);

const missing = v.optional(share, 0);
const bounds = { min: v.exactOptional(finite), max: v.exactOptional(finite) };

const column = v.variant('type', [
  v.strictObject({ type: v.literal('integer'), ...bounds, missing }),
  v.strictObject({ type: v.literal('number'), ...bounds, missing }),
  v.strictObject({
    type: v.literal('category'),
    values: v.exactOptional(v.pipe(v.array(categoryValue), v.minLength(1, 'must not be empty'))),
    missing,
  }),
  v.strictObject({ type: v.literal('boolean'), missing }),
  v.strictObject({ type: v.literal('text'), missing }),
]);

const columnNames = v.pipe(v.array(columnName), v.maxLength(1000, 'must name at most 1000 columns'));

const data = v.strictObject({
  classification: v.picklist(classifications),
  target: v.strictObject({ column: columnName, positive: v.exactOptional(categoryValue) }),
  rows: v.strictObject({ min: wholeNumber(1, MAX_UNIQUE_KEYS), max: wholeNumber(1, 1_000_000_000) }),
  columns: v.record(columnName, column),
  unique: v.optional(
    v.pipe(
      v.array(v.pipe(columnNames, v.minLength(1, 'must name at least one column'))),
      v.maxLength(10, 'must hold at most 10 combinations'),
    ),
    [],
  ),
  excludeFromTraining: v.optional(columnNames, []),
});

const training = v.strictObject({
  trainer: v.literal('embedded'),
  algorithms: v.pipe(
    v.array(v.picklist(['logistic-regression', 'linear-regression', 'gradient-boosting'])),
    v.minLength(1, 'must name at least one algorithm'),
  ),
  seed: wholeNumber(0, 4_294_967_295),
  test: v.pipe(finite, v.minValue(0.05, 'must be from 0.05 to 0.5'), v.maxValue(0.5, 'must be from 0.05 to 0.5')),
});

const metricBounds = v.exactOptional(v.strictObject(bounds));

const gate = v.strictObject({
  approvals: wholeNumber(0, 10),
  metrics: v.strictObject({
    auc: metricBounds,
    logLoss: metricBounds,
    brier: metricBounds,
    calibrationError: metricBounds,
    accuracy: metricBounds,
    precision: metricBounds,
    recall: metricBounds,
    f1: metricBounds,
    rmse: metricBounds,
    mae: metricBounds,
    r2: metricBounds,
  }),
  champion: v.exactOptional(
    v.strictObject({
      metric: v.picklist([
        'auc',
        'logLoss',
        'brier',
        'calibrationError',
        'accuracy',
        'precision',
        'recall',
        'f1',
        'rmse',
        'mae',
        'r2',
      ]),
      worseByAtMost: v.pipe(finite, v.minValue(0, 'must be 0 or more')),
    }),
  ),
  performance: v.exactOptional(
    v.strictObject({
      p99Ms: v.exactOptional(v.pipe(finite, v.minValue(1, 'must be 1 or more, in milliseconds'))),
      rowsPerSecond: v.exactOptional(v.pipe(finite, v.minValue(1, 'must be 1 or more'))),
    }),
  ),
});

export const modelDefinitionSchema = v.strictObject({
  model: v.pipe(
    v.string(),
    v.regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      'must be kebab-case: small letters, digits and single hyphens, a letter first',
    ),
    v.minLength(3, 'must have 3 to 40 characters'),
    v.maxLength(40, 'must have 3 to 40 characters'),
  ),
  description: text(2000),
  task: v.picklist(['binary-classification', 'regression']),
  data,
  training,
  gates: v.strictObject({ dev: gate, acc: gate, prd: gate }),
  promotion: v.strictObject({ strategy: v.picklist(['retrain', 'copy']) }),
  serving: v.strictObject({ maxRows: wholeNumber(1, 10_000) }),
});
