import {
  ATTRIBUTE_TYPES,
  ELEMENT_FLOAT,
  ELEMENT_INT64,
  ELEMENT_STRING,
  type OnnxAttribute,
  type OnnxModelProto,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './model-proto.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

const writeTensor = (writer: ProtobufWriter, { name, dims, values }: OnnxTensor): void => {
  writer.varints(1, dims);
  if (values.type === 'float') {
    writer.varint(2, ELEMENT_FLOAT);
    writer.floats(4, values.data);
  } else if (values.type === 'int64') {
    writer.varint(2, ELEMENT_INT64);
    writer.varints(7, values.data);
  } else {
    writer.varint(2, ELEMENT_STRING);
    for (const text of values.data) writer.string(6, text);
  }
  writer.string(8, name);
};

const writeAttribute = (writer: ProtobufWriter, attribute: OnnxAttribute): void => {
  writer.string(1, attribute.name);
  switch (attribute.type) {
    case 'float':
      writer.float(2, attribute.value);
      break;
    case 'int':
      writer.varint(3, attribute.value);
      break;
    case 'string':
      writer.string(4, attribute.value);
      break;
    case 'floats':
      writer.floats(7, attribute.value);
      break;
    case 'ints':
      writer.varints(8, attribute.value);
      break;
    case 'strings':
      for (const text of attribute.value) writer.string(9, text);
      break;
  }
  writer.varint(20, ATTRIBUTE_TYPES[attribute.type]);
};

const writeNode = (writer: ProtobufWriter, node: OnnxNode): void => {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  if (node.name !== '') writer.string(3, node.name);
  writer.string(4, node.operator);
  for (const attribute of node.attributes) writer.message(5, (inner) => writeAttribute(inner, attribute));
  if (node.domain !== '') writer.string(7, node.domain);
};

const writeValueInfo = (writer: ProtobufWriter, { name, elementType, dims }: OnnxValueInfo): void => {
  writer.string(1, name);
  writer.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.varint(1, elementType);
      tensor.message(2, (shape) => {
        for (const dim of dims) {
          shape.message(1, (inner) => (typeof dim === 'number' ? inner.varint(1, dim) : inner.string(2, dim)));
        }
      });
    }),
  );
};

/** The model as ONNX bytes; the same model gives the same bytes. */
export const writeModelProto = (model: OnnxModelProto): Uint8Array => {
  const writer = new ProtobufWriter();
  const { graph } = model;
  writer.varint(1, model.irVersion);
  writer.string(2, model.producerName);
  writer.string(3, model.producerVersion);
  writer.message(7, (inner) => {
    for (const node of graph.nodes) inner.message(1, (n) => writeNode(n, node));
    inner.string(2, graph.name);
    for (const tensor of graph.initializers) inner.message(5, (t) => writeTensor(t, tensor));
    for (const input of graph.inputs) inner.message(11, (v) => writeValueInfo(v, input));
    for (const output of graph.outputs) inner.message(12, (v) => writeValueInfo(v, output));
  });
  for (const { domain, version } of model.opsets) {
    writer.message(8, (inner) => {
      if (domain !== '') inner.string(1, domain);
      inner.varint(2, version);
    });
  }
  for (const { key, value } of model.metadata) {
    writer.message(14, (inner) => {
      inner.string(1, key);
      inner.string(2, value);
    });
  }
  return writer.bytes();
};
