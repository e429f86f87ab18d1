import { HyperparameterInvalid } from './errors.ts';
import { GRADIENT_BOOSTING_DEFAULTS, type GradientBoostingParameters } from './gradient-boosting.ts';
import { LINEAR_REGRESSION_DEFAULTS, type LinearRegressionParameters } from './linear-regression.ts';
import { LOGISTIC_REGRESSION_DEFAULTS, type LogisticRegressionParameters } from './logistic-regression.ts';
import type { Algorithm } from './model.ts';
import type { Task } from './target.ts';

export interface Hyperparameters {
  readonly 'logistic-regression': LogisticRegressionParameters;
  readonly 'linear-regression': LinearRegressionParameters;
  readonly 'gradient-boosting': GradientBoostingParameters;
}

/** What a recipe may leave out. */
export type PartialHyperparameters = { readonly [A in Algorithm]?: Partial<Hyperparameters[A]> };

const DEFAULTS: Hyperparameters = {
  'logistic-regression': LOGISTIC_REGRESSION_DEFAULTS,
  'linear-regression': LINEAR_REGRESSION_DEFAULTS,
  'gradient-boosting': GRADIENT_BOOSTING_DEFAULTS,
};

interface Bound {
  readonly minimum: number;
  readonly maximum: number;
  readonly whole: boolean;
}

const whole = (minimum: number, maximum: number): Bound => ({ minimum, maximum, whole: true });
const real = (minimum: number, maximum: number): Bound => ({ minimum, maximum, whole: false });

const BOUNDS: { readonly [A in Algorithm]: { readonly [P in keyof Hyperparameters[A]]: Bound } } = {
  'logistic-regression': { l2: real(0, 1e9), maximumIterations: whole(1, 1000), tolerance: real(0, 1) },
  'linear-regression': { l2: real(0, 1e9) },
  'gradient-boosting': {
    rounds: whole(1, 5000),
    learningRate: real(1e-4, 1),
    maximumLeaves: whole(2, 1024),
    maximumDepth: whole(1, 64),
    minimumLeafRows: whole(1, 1e6),
    l2: real(0, 1e9),
    maximumBins: whole(2, 255),
    earlyStoppingRounds: whole(0, 5000),
  },
};

/** Algorithms of each task, in the order in which they are tried; the first wins a tie. */
export const ALGORITHMS: Readonly<Record<Task, readonly Algorithm[]>> = {
  'binary-classification': ['logistic-regression', 'gradient-boosting'],
  regression: ['linear-regression', 'gradient-boosting'],
};

const checkBound = (where: string, value: unknown, { minimum, maximum, whole }: Bound): void => {
  const fits = typeof value === 'number' && value >= minimum && value <= maximum && (!whole || Number.isInteger(value));
  if (fits) return;
  const kind = whole ? 'a whole number' : 'a number';
  throw new HyperparameterInvalid(
    `${where} must be ${kind} from ${minimum} to ${maximum}, it is ${JSON.stringify(value)}`,
  );
};

/** The given values over the defaults. Throws HyperparameterInvalid for an unknown algorithm or name and for a value out of bounds. */
export const resolveHyperparameters = (given: PartialHyperparameters = {}): Hyperparameters => {
  for (const [algorithm, values] of Object.entries(given)) {
    const bounds: Record<string, Bound> | undefined = Object.hasOwn(BOUNDS, algorithm)
      ? BOUNDS[algorithm as Algorithm]
      : undefined;
    if (bounds === undefined) {
      throw new HyperparameterInvalid(
        `Algorithm ${JSON.stringify(algorithm)} is not one of ${Object.keys(BOUNDS).join(', ')}`,
      );
    }
    for (const [name, value] of Object.entries(values ?? {})) {
      const bound = Object.hasOwn(bounds, name) ? bounds[name] : undefined;
      if (bound === undefined) {
        const known = Object.keys(bounds).join(', ');
        throw new HyperparameterInvalid(`${algorithm} has no hyperparameter ${JSON.stringify(name)}; it has ${known}`);
      }
      checkBound(`${algorithm}.${name}`, value, bound);
    }
  }
  return {
    'logistic-regression': { ...DEFAULTS['logistic-regression'], ...given['logistic-regression'] },
    'linear-regression': { ...DEFAULTS['linear-regression'], ...given['linear-regression'] },
    'gradient-boosting': { ...DEFAULTS['gradient-boosting'], ...given['gradient-boosting'] },
  };
};

/** The algorithms to try. Throws HyperparameterInvalid for none, or one that does not do the task. */
export const resolveAlgorithms = (task: Task, given: readonly Algorithm[] = ALGORITHMS[task]): readonly Algorithm[] => {
  const unfit = given.find((algorithm) => !ALGORITHMS[task].includes(algorithm));
  if (unfit === undefined && given.length > 0) return given;
  const what = unfit === undefined ? 'No algorithm given' : `Algorithm ${JSON.stringify(unfit)} does not do ${task}`;
  throw new HyperparameterInvalid(`${what}; ${ALGORITHMS[task].join(' and ')} do`);
};
