export type FeatureRow = { readonly [feature: string]: number | string | null };

export interface PredictRequest {
  readonly model: string;
  readonly rows: readonly FeatureRow[];
  /** Asks one registered version instead of what serves. */
  readonly modelDigest?: string;
}

export interface Prediction {
  /** Probability of the positive label, or the predicted value. */
  readonly score: number;
  /** Null for regression. */
  readonly label: string | null;
}

export interface PredictResponse {
  readonly model: string;
  readonly environment: string;
  readonly version: number;
  readonly modelDigest: string;
  readonly predictions: readonly Prediction[];
}

/**
 * The deployed endpoint of this environment, as its users call it. Throws EndpointUnavailable (transient) on throttling and
 * 5xx; a 4xx is returned, since a refusal is an answer.
 */
export interface Endpoint {
  predict(
    request: PredictRequest,
  ): Promise<
    | { readonly ok: true; readonly response: PredictResponse }
    | { readonly ok: false; readonly status: number; readonly message: string }
  >;
}
