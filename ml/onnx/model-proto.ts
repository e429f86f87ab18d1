/** The parts of onnx.proto (github.com/onnx/onnx, IR version 8) that Sluice's models use. Strings are text, integers safe numbers. */

export const ELEMENT_FLOAT = 1;
export const ELEMENT_INT64 = 7;
export const ELEMENT_STRING = 8;
export const ELEMENT_BOOL = 9;

/** A constant. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values:
    | { readonly type: 'float'; readonly data: Float32Array }
    | { readonly type: 'int64'; readonly data: readonly number[] }
    | { readonly type: 'string'; readonly data: readonly string[] };
}

export type OnnxAttributeValue =
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'floats'; readonly value: Float32Array }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] };

export type OnnxAttribute = { readonly name: string } & OnnxAttributeValue;

export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}

/** A graph input or output; a dimension is a number or a name such as N. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly elementType: number;
  readonly dims: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

export interface OnnxModelProto {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly graph: OnnxGraph;
}

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, floats: 6, ints: 7, strings: 8 } as const;
