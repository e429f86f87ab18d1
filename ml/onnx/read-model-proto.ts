import { OnnxFeatureRefused, OnnxMalformed, OnnxTooLarge } from './errors.ts';
import { DEFAULT_ONNX_LIMITS, type OnnxLimits } from './limits.ts';
import {
  ATTRIBUTE_TYPES,
  ELEMENT_FLOAT,
  ELEMENT_INT64,
  ELEMENT_STRING,
  type OnnxAttribute,
  type OnnxAttributeValue,
  type OnnxGraph,
  type OnnxModelProto,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './model-proto.ts';
import { ProtobufReader, ReadingBudget, type RefusedFields } from './protobuf-reader.ts';

const TENSOR_REFUSED: RefusedFields = {
  3: 'a segmented tensor',
  5: '32-bit integer data',
  10: '64-bit float data',
  11: 'unsigned integer data',
  13: 'data outside the file (external_data)',
  14: 'data outside the file (data_location)',
};
const ATTRIBUTE_REFUSED: RefusedFields = {
  5: 'a tensor attribute',
  6: 'a subgraph',
  10: 'tensor attributes',
  11: 'subgraphs',
  14: 'a type attribute',
  15: 'type attributes',
  21: 'a reference to a function attribute',
  22: 'a sparse tensor',
  23: 'sparse tensors',
};
const GRAPH_REFUSED: RefusedFields = { 14: 'quantisation annotations', 15: 'sparse initializers' };
const MODEL_REFUSED: RefusedFields = { 20: 'training info', 25: 'functions', 26: 'device configurations' };

interface TensorData {
  readonly floats: number[];
  readonly ints: number[];
  readonly strings: string[];
  raw: Uint8Array | null;
}

const rawFloats = (reader: ProtobufReader, raw: Uint8Array): Float32Array => {
  if (raw.length % 4 !== 0) throw reader.malformed('raw float data of a length that is not a multiple of 4');
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Float32Array.from({ length: raw.length / 4 }, (_, i) => view.getFloat32(i * 4, true));
};

const rawInts = (reader: ProtobufReader, raw: Uint8Array): number[] => {
  if (raw.length % 8 !== 0) throw reader.malformed('raw int64 data of a length that is not a multiple of 8');
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: raw.length / 8 }, (_, i) => {
    const value = Number(view.getBigInt64(i * 8, true));
    if (!Number.isSafeInteger(value)) throw reader.malformed('integer beyond 2^53');
    return value;
  });
};

/** The values of a tensor of that type, refusing data of any other type beside it: readers could disagree on which counts. */
const tensorValues = (reader: ProtobufReader, type: number, data: TensorData): OnnxTensor['values'] => {
  const filled = [data.floats.length, data.ints.length, data.strings.length, data.raw?.length ?? 0].filter(
    (n) => n > 0,
  );
  if (filled.length > 1) throw reader.malformed('data in more than one field');
  if (type === ELEMENT_FLOAT && data.ints.length + data.strings.length === 0) {
    return { type: 'float', data: data.raw === null ? Float32Array.from(data.floats) : rawFloats(reader, data.raw) };
  }
  if (type === ELEMENT_INT64 && data.floats.length + data.strings.length === 0) {
    return { type: 'int64', data: data.raw === null ? data.ints : rawInts(reader, data.raw) };
  }
  if (type === ELEMENT_STRING && data.raw === null && data.floats.length + data.ints.length === 0) {
    return { type: 'string', data: data.strings };
  }
  throw new OnnxFeatureRefused(reader.where, `element type ${type}, or data that is not of it`);
};

const readTensor = (reader: ProtobufReader): OnnxTensor => {
  const dims: number[] = [];
  const data: TensorData = { floats: [], ints: [], strings: [], raw: null };
  let name = '';
  let type = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) reader.varints(dims);
    else if (field === 2) type = reader.varint();
    else if (field === 4) reader.floats(data.floats);
    else if (field === 6) data.strings.push(reader.string());
    else if (field === 7) reader.varints(data.ints);
    else if (field === 8) name = reader.string();
    else if (field === 9) data.raw = reader.raw();
    else if (field === 12) reader.string();
    else reader.refuse(field, TENSOR_REFUSED);
  }
  const values = tensorValues(reader, type, data);
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (dims.some((dim) => dim < 0) || dims.length > 8 || size !== values.data.length) {
    throw reader.malformed(`dimensions ${dims.slice(0, 8).join('×')} for ${values.data.length} values`);
  }
  return { name, dims, values };
};

const readAttribute = (reader: ProtobufReader): OnnxAttribute => {
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  const found = new Map<number, OnnxAttributeValue>();
  let name = '';
  let type = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) name = reader.string();
    else if (field === 2) found.set(ATTRIBUTE_TYPES.float, { type: 'float', value: reader.float() });
    else if (field === 3) found.set(ATTRIBUTE_TYPES.int, { type: 'int', value: reader.varint() });
    else if (field === 4) found.set(ATTRIBUTE_TYPES.string, { type: 'string', value: reader.string() });
    else if (field === 7) reader.floats(floats);
    else if (field === 8) reader.varints(ints);
    else if (field === 9) strings.push(reader.string());
    else if (field === 13) reader.string();
    else if (field === 20) type = reader.varint();
    else reader.refuse(field, ATTRIBUTE_REFUSED);
  }
  const lists = floats.length + ints.length + strings.length;
  if (floats.length > 0 || (lists === 0 && type === ATTRIBUTE_TYPES.floats)) {
    found.set(ATTRIBUTE_TYPES.floats, { type: 'floats', value: Float32Array.from(floats) });
  }
  if (ints.length > 0 || (lists === 0 && type === ATTRIBUTE_TYPES.ints)) {
    found.set(ATTRIBUTE_TYPES.ints, { type: 'ints', value: ints });
  }
  if (strings.length > 0 || (lists === 0 && type === ATTRIBUTE_TYPES.strings)) {
    found.set(ATTRIBUTE_TYPES.strings, { type: 'strings', value: strings });
  }
  const value = found.get(type);
  if (value === undefined || found.size !== 1) throw reader.malformed(`not one value of attribute type ${type}`);
  return { name, ...value };
};

const readMetadata = (reader: ProtobufReader): { key: string; value: string } => {
  let key = '';
  let value = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) key = reader.string();
    else if (field === 2) value = reader.string();
    else reader.refuse(field);
  }
  return { key, value };
};

const readNode = (reader: ProtobufReader): OnnxNode => {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: OnnxAttribute[] = [];
  const names = new Set<string>();
  let name = '';
  let operator = '';
  let domain = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) inputs.push(reader.string());
    else if (field === 2) outputs.push(reader.string());
    else if (field === 3) name = reader.string();
    else if (field === 4) operator = reader.string();
    else if (field === 5) attributes.push(reader.message(`attribute[${attributes.length}]`, readAttribute));
    else if (field === 6) reader.string();
    else if (field === 7) domain = reader.string();
    else if (field === 9) reader.message('metadata', readMetadata);
    else reader.refuse(field, { 8: 'an overloaded function' });
  }
  for (const attribute of attributes) {
    if (names.has(attribute.name)) throw reader.malformed(`attribute ${JSON.stringify(attribute.name)} given twice`);
    names.add(attribute.name);
  }
  return { name, operator, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
};

const readDim = (reader: ProtobufReader): number | string => {
  let dim: number | string = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) dim = reader.varint();
    else if (field === 2) dim = reader.string();
    else if (field === 3) reader.string();
    else reader.refuse(field);
  }
  return dim;
};

const readShape = (reader: ProtobufReader): (number | string)[] => {
  const dims: (number | string)[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) dims.push(reader.message(`dim[${dims.length}]`, readDim));
    else reader.refuse(field);
  }
  return dims;
};

const readTensorType = (reader: ProtobufReader): Pick<OnnxValueInfo, 'elementType' | 'dims'> => {
  let elementType = 0;
  let dims: (number | string)[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) elementType = reader.varint();
    else if (field === 2) dims = reader.message('shape', readShape);
    else reader.refuse(field);
  }
  return { elementType, dims };
};

const readType = (reader: ProtobufReader): Pick<OnnxValueInfo, 'elementType' | 'dims'> => {
  let type: Pick<OnnxValueInfo, 'elementType' | 'dims'> | null = null;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) type = reader.message('tensor_type', readTensorType);
    else if (field === 6) reader.string();
    else
      reader.refuse(field, {
        4: 'a sequence',
        5: 'a map',
        7: 'an opaque type',
        8: 'a sparse tensor',
        9: 'an optional',
      });
  }
  if (type === null) throw reader.malformed('no tensor type');
  return type;
};

const readValueInfo = (reader: ProtobufReader): OnnxValueInfo => {
  let name = '';
  let type: Pick<OnnxValueInfo, 'elementType' | 'dims'> | null = null;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) name = reader.string();
    else if (field === 2) type = reader.message('type', readType);
    else if (field === 3) reader.string();
    else if (field === 4) reader.message('metadata', readMetadata);
    else reader.refuse(field);
  }
  if (type === null) throw reader.malformed('no type');
  return { name, ...type };
};

const readGraph = (reader: ProtobufReader): OnnxGraph => {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  let name = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) nodes.push(reader.message(`node[${nodes.length}]`, readNode));
    else if (field === 2) name = reader.string();
    else if (field === 5) initializers.push(reader.message(`initializer[${initializers.length}]`, readTensor));
    else if (field === 10) reader.string();
    else if (field === 11) inputs.push(reader.message(`input[${inputs.length}]`, readValueInfo));
    else if (field === 12) outputs.push(reader.message(`output[${outputs.length}]`, readValueInfo));
    else if (field === 13) reader.message('value_info', readValueInfo);
    else if (field === 16) reader.message('metadata', readMetadata);
    else reader.refuse(field, GRAPH_REFUSED);
  }
  return { name, nodes, initializers, inputs, outputs };
};

const readOpset = (reader: ProtobufReader): { domain: string; version: number } => {
  let domain = '';
  let version = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) domain = reader.string();
    else if (field === 2) version = reader.varint();
    else reader.refuse(field);
  }
  return { domain: domain === 'ai.onnx' ? '' : domain, version };
};

const readModel = (reader: ProtobufReader): OnnxModelProto => {
  const opsets: { domain: string; version: number }[] = [];
  const metadata: { key: string; value: string }[] = [];
  let irVersion = 0;
  let producerName = '';
  let producerVersion = '';
  let graph: OnnxGraph | null = null;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) irVersion = reader.varint();
    else if (field === 2) producerName = reader.string();
    else if (field === 3) producerVersion = reader.string();
    else if (field === 4 || field === 6) reader.string();
    else if (field === 5) reader.varint();
    else if (field === 7) {
      // Protobuf would merge a second graph into the first.
      if (graph !== null) throw reader.malformed('a second graph');
      graph = reader.message('graph', readGraph);
    } else if (field === 8) opsets.push(reader.message(`opset_import[${opsets.length}]`, readOpset));
    else if (field === 14) metadata.push(reader.message(`metadata_props[${metadata.length}]`, readMetadata));
    else reader.refuse(field, MODEL_REFUSED);
  }
  if (graph === null) throw reader.malformed('no graph');
  return { irVersion, producerName, producerVersion, opsets, metadata, graph };
};

/**
 * Reads untrusted ONNX bytes. Time and memory are bounded by the limits. Throws OnnxMalformed, OnnxTooLarge, OnnxFeatureRefused; whether the operators are
 * allowed and fit together is for `loadOnnx` to say.
 */
export const readModelProto = (bytes: Uint8Array, limits: OnnxLimits = DEFAULT_ONNX_LIMITS): OnnxModelProto => {
  if (bytes.length > limits.maximumBytes) {
    throw new OnnxTooLarge('model', `${bytes.length} bytes, the limit is ${limits.maximumBytes}`);
  }
  if (bytes.length === 0) throw new OnnxMalformed('model', 'no bytes');
  return readModel(new ProtobufReader(bytes, new ReadingBudget(limits), 'model'));
};
