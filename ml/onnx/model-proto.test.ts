import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OnnxFeatureRefused, OnnxMalformed, OnnxTooLarge } from './errors.ts';
import { DEFAULT_ONNX_LIMITS } from './limits.ts';
import type { OnnxAttribute, OnnxModelProto, OnnxTensor } from './model-proto.ts';
import { ProtobufReader, ReadingBudget } from './protobuf-reader.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { readModelProto } from './read-model-proto.ts';
import { writeModelProto } from './write-model-proto.ts';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const integer = fc.maxSafeInteger();
const floats = fc.float32Array({ maxLength: 8 });

const attribute: fc.Arbitrary<OnnxAttribute> = fc
  .tuple(
    text,
    fc.oneof(
      fc.record({ type: fc.constant('float' as const), value: fc.float() }),
      fc.record({ type: fc.constant('int' as const), value: integer }),
      fc.record({ type: fc.constant('string' as const), value: text }),
      fc.record({ type: fc.constant('floats' as const), value: floats }),
      fc.record({ type: fc.constant('ints' as const), value: fc.array(integer, { maxLength: 8 }) }),
      fc.record({ type: fc.constant('strings' as const), value: fc.array(text, { maxLength: 8 }) }),
    ),
  )
  .map(([name, value]) => ({ name, ...value }));

const tensor: fc.Arbitrary<OnnxTensor> = fc
  .tuple(
    text,
    fc.oneof(
      fc.record({ type: fc.constant('float' as const), data: floats }),
      fc.record({ type: fc.constant('int64' as const), data: fc.array(integer, { maxLength: 8 }) }),
      fc.record({ type: fc.constant('string' as const), data: fc.array(text, { maxLength: 8 }) }),
    ),
  )
  .map(([name, values]) => ({ name, dims: [values.data.length], values }));

const valueInfo = fc.record({
  name: text,
  elementType: fc.integer({ min: 0, max: 20 }),
  dims: fc.array(fc.oneof(fc.nat(), text), { maxLength: 3 }),
});

const model: fc.Arbitrary<OnnxModelProto> = fc.record({
  irVersion: fc.nat(),
  producerName: text,
  producerVersion: text,
  opsets: fc.array(fc.record({ domain: text.filter((domain) => domain !== 'ai.onnx'), version: integer }), {
    maxLength: 3,
  }),
  metadata: fc.array(fc.record({ key: text, value: text }), { maxLength: 3 }),
  graph: fc.record({
    name: text,
    nodes: fc.array(
      fc.record({
        name: text,
        operator: text,
        domain: text.filter((domain) => domain !== 'ai.onnx'),
        inputs: fc.array(text, { maxLength: 3 }),
        outputs: fc.array(text, { maxLength: 3 }),
        attributes: fc.uniqueArray(attribute, { maxLength: 4, selector: ({ name }) => name }),
      }),
      { maxLength: 4 },
    ),
    initializers: fc.array(tensor, { maxLength: 3 }),
    inputs: fc.array(valueInfo, { maxLength: 3 }),
    outputs: fc.array(valueInfo, { maxLength: 3 }),
  }),
});

/** A model message with these fields besides an empty graph. */
const modelBytes = (write: (writer: ProtobufWriter) => void): Uint8Array => {
  const writer = new ProtobufWriter();
  write(writer);
  return writer.bytes();
};

describe('ONNX bytes', () => {
  it('are read back as the model they were written from', () => {
    fc.assert(
      fc.property(model, (written) => {
        expect(readModelProto(writeModelProto(written))).toEqual(written);
      }),
    );
  });

  it('hold any safe integer as a varint', () => {
    fc.assert(
      fc.property(integer, (value) => {
        const bytes = modelBytes((writer) => writer.varint(1, value));
        const reader = new ProtobufReader(bytes, new ReadingBudget(DEFAULT_ONNX_LIMITS), '');
        expect([reader.nextField(), reader.varint(), reader.nextField()]).toEqual([1, value, 0]);
      }),
    );
  });

  it('are read with numbers unpacked as well as packed, as older writers do', () => {
    const bytes = modelBytes((writer) =>
      writer.message(7, (graph) =>
        graph.message(5, (inner) => {
          inner.varint(1, 2);
          inner.varint(2, 1);
          inner.float(4, 1.5);
          inner.float(4, -2);
          inner.string(8, 't');
        }),
      ),
    );
    const values = { type: 'float', data: Float32Array.of(1.5, -2) };
    expect(readModelProto(bytes).graph.initializers).toEqual([{ name: 't', dims: [2], values }]);
  });

  it('are read with raw little-endian data', () => {
    const raw = new Uint8Array(16);
    new DataView(raw.buffer).setBigInt64(0, -1n, true);
    new DataView(raw.buffer).setBigInt64(8, 7n, true);
    const bytes = modelBytes((writer) =>
      writer.message(7, (graph) =>
        graph.message(5, (inner) => {
          inner.varints(1, [2]);
          inner.varint(2, 7);
          inner.raw(9, raw);
        }),
      ),
    );
    expect(readModelProto(bytes).graph.initializers[0]!.values).toEqual({ type: 'int64', data: [-1, 7] });
  });

  it.each([
    ['no bytes', () => new Uint8Array(), OnnxMalformed],
    ['no graph', () => modelBytes((w) => w.varint(1, 8)), OnnxMalformed],
    ['a graph twice', () => modelBytes((w) => [w.message(7, () => {}), w.message(7, () => {})]), OnnxMalformed],
    ['an unknown field', () => modelBytes((w) => w.varint(99, 8)), OnnxMalformed],
    ['a length past the end', () => Uint8Array.of(0x3a, 200, 1, 0), OnnxMalformed],
    ['a varint of eleven bytes', () => Uint8Array.of(8, ...new Array(10).fill(255), 1), OnnxMalformed],
    ['text that is not UTF-8', () => modelBytes((w) => w.raw(2, Uint8Array.of(0xff))), OnnxMalformed],
    ['a group', () => Uint8Array.of(0x0b, 0x0c), OnnxMalformed],
    ['functions', () => modelBytes((w) => w.message(25, () => {})), OnnxFeatureRefused],
    ['training info', () => modelBytes((w) => w.message(20, () => {})), OnnxFeatureRefused],
    [
      'external data',
      () => modelBytes((w) => w.message(7, (g) => g.message(5, (t) => t.message(13, () => {})))),
      OnnxFeatureRefused,
    ],
    [
      'an external data location',
      () => modelBytes((w) => w.message(7, (g) => g.message(5, (t) => t.varint(14, 1)))),
      OnnxFeatureRefused,
    ],
    [
      'a subgraph',
      () => modelBytes((w) => w.message(7, (g) => g.message(1, (n) => n.message(5, (a) => a.message(6, () => {}))))),
      OnnxFeatureRefused,
    ],
    ['a sparse initializer', () => modelBytes((w) => w.message(7, (g) => g.message(15, () => {}))), OnnxFeatureRefused],
    [
      'dimensions that lie',
      () => modelBytes((w) => w.message(7, (g) => g.message(5, (t) => [t.varints(1, [1e15, 1e15]), t.varint(2, 1)]))),
      OnnxMalformed,
    ],
  ] as const)('are refused with %s', (_, bytes, error) => {
    expect(() => readModelProto(bytes())).toThrow(error);
  });

  it('are refused above each limit before they are held', () => {
    const nodes = modelBytes((w) => w.message(7, (g) => Array.from({ length: 50 }, () => g.message(1, () => {}))));
    const numbers = modelBytes((w) => w.message(7, (g) => g.message(5, (t) => t.floats(4, new Float32Array(50)))));
    expect(() => readModelProto(nodes, { ...DEFAULT_ONNX_LIMITS, maximumMessages: 40 })).toThrow(OnnxTooLarge);
    expect(() => readModelProto(numbers, { ...DEFAULT_ONNX_LIMITS, maximumElements: 49 })).toThrow(OnnxTooLarge);
    expect(() => readModelProto(nodes, { ...DEFAULT_ONNX_LIMITS, maximumBytes: 20 })).toThrow(OnnxTooLarge);
  });

  it('name the place of a fault', () => {
    const bytes = modelBytes((w) => w.message(7, (g) => [g.message(1, () => {}), g.message(1, (n) => n.varint(3, 1))]));
    expect(() => readModelProto(bytes)).toThrow(/^model\.graph\.node\[1\]: wire type 0 where 2 belongs/);
  });
});
