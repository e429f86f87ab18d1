import type { DroppedFeature, Feature } from './feature-schema.ts';
import type { Algorithm, Model } from './model.ts';
import type { Task } from './target.ts';

/** The facts of a model for its card. */
export interface ModelDescription {
  readonly algorithm: Algorithm;
  readonly task: Task;
  readonly target: string;
  readonly labels: readonly [string, string] | null;
  readonly threshold: number | null;
  readonly hyperparameters: Readonly<Record<string, number>>;
  /** Most important first; `importance` is the share of the gain (trees) or of the spread of the score (linear). */
  readonly features: readonly (Feature & { readonly importance: number })[];
  readonly dropped: readonly DroppedFeature[];
  readonly importanceMeans: string;
  /** E.g. { trees: 148, leaves: 1184 } or { coefficients: 31 }. */
  readonly size: Readonly<Record<string, number>>;
}

const sizeOf = ({ predictor }: Model): Record<string, number> => {
  if (predictor.kind === 'trees') {
    const leaves = predictor.trees.reduce((sum, tree) => sum + tree.feature.filter((column) => column < 0).length, 0);
    return { trees: predictor.trees.length, leaves };
  }
  const numbers = predictor.numbers.reduce((sum, number) => sum + (number.missingCoefficient === 0 ? 1 : 2), 0);
  return { coefficients: predictor.categories.reduce((sum, category) => sum + category.levels.length, 1 + numbers) };
};

export const describeModel = (model: Model): ModelDescription => {
  const { algorithm, task, target, labels, threshold, hyperparameters, dropped, importance } = model;
  const features = model.features
    .map((feature) => ({ ...feature, importance: importance[feature.name] ?? 0 }))
    .sort((a, b) => b.importance - a.importance);
  const importanceMeans =
    model.predictor.kind === 'trees'
      ? 'share of the loss that splits on the feature removed in training'
      : 'share of the spread (standard deviation) of what the feature adds to the score';
  return {
    algorithm,
    task,
    target,
    labels,
    threshold,
    hyperparameters,
    features,
    dropped,
    importanceMeans,
    size: sizeOf(model),
  };
};
