import type { ClassificationMetrics, RegressionMetrics } from './metrics.ts';

/** The figures of an evaluation by the names that gates use; what could not be measured (a class is absent) is left out. */
export function numericMetrics(metrics: ClassificationMetrics | RegressionMetrics): Record<string, number> {
  const named: Record<string, number | null> =
    'logLoss' in metrics
      ? {
          auc: metrics.auc,
          logLoss: metrics.logLoss,
          brier: metrics.brier,
          calibrationError: metrics.ece,
          accuracy: metrics.accuracy,
          precision: metrics.precision,
          recall: metrics.recall,
          f1: metrics.f1,
          threshold: metrics.threshold,
        }
      : { rmse: metrics.rmse, mae: metrics.mae, r2: metrics.r2 };
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, number] => entry[1] !== null && Number.isFinite(entry[1])),
  );
}
