/** Bounds on what a model may cost to read and run. */
export interface OnnxLimits {
  /** Length of the file. */
  readonly maximumBytes: number;
  /** Messages of all kinds: nodes, attributes, tensors, dimensions … */
  readonly maximumMessages: number;
  /** Numbers, and strings at eight numbers each, in the whole file. */
  readonly maximumElements: number;
  /** Nodes of the graph. */
  readonly maximumNodes: number;
  /** Inputs of the graph. */
  readonly maximumInputs: number;
  /** Values a row needs over all intermediate results together. */
  readonly maximumRowValues: number;
  /** Rows of one prediction. */
  readonly maximumRows: number;
}

export const DEFAULT_ONNX_LIMITS: OnnxLimits = {
  maximumBytes: 32 * 1024 * 1024,
  maximumMessages: 100_000,
  maximumElements: 8_000_000,
  maximumNodes: 10_000,
  maximumInputs: 2_000,
  maximumRowValues: 1_000_000,
  maximumRows: 1_000_000,
};
