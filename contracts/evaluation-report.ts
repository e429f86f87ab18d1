import type { Comparison, Evaluation } from '../domain/model-version.ts';

/** What EvaluateModel leaves for PackageModel and RegisterModel. */
export interface EvaluationReport {
  readonly evaluation: Evaluation;
  /** Ten bins of predicted against observed; null for regression. */
  readonly reliability:
    | readonly {
        readonly from: number;
        readonly to: number;
        readonly rows: number;
        readonly predicted: number | null;
        readonly observed: number | null;
      }[]
    | null;
  readonly champion: Comparison['champion'];
}
