import type { GoldenRequests } from './package-manifest.ts';
import type { PredictResponse } from './ports/endpoint.ts';

/** ONNX is evaluated in 32-bit floats; the model before packaging in 64. A probability may differ by this, a value by its share. */
const TOLERANCE = 1e-5;

/** Where the endpoint's answers are not those that the package names. */
export function disagreements({ scores }: GoldenRequests, { predictions }: PredictResponse): string[] {
  if (predictions.length !== scores.length) {
    return [`the endpoint answered ${predictions.length} of ${scores.length} golden requests`];
  }
  return scores.flatMap((expected, index) => {
    const actual = predictions[index]?.score ?? Number.NaN;
    const allowed = TOLERANCE * Math.max(1, Math.abs(expected));
    return Math.abs(actual - expected) <= allowed
      ? []
      : [`golden request ${index + 1}: expected ${expected}, the endpoint answered ${actual}`];
  });
}
