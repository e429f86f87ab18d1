import { ALLOWED_OPERATORS, IR_VERSION, OPSETS } from './allowed-operators.ts';
import { OnnxDomainRefused, OnnxMalformed, OnnxOperatorRefused, OnnxShapeMismatch, OnnxTooLarge } from './errors.ts';
import type { OnnxLimits } from './limits.ts';
import {
  ELEMENT_BOOL,
  ELEMENT_FLOAT,
  ELEMENT_STRING,
  type OnnxModelProto,
  type OnnxNode,
  type OnnxValueInfo,
} from './model-proto.ts';
import {
  type BatchOperand,
  type Buffer,
  type CompiledNode,
  type ElementType,
  NodeReader,
  type Operand,
  rowSize,
} from './operator.ts';

export interface GraphPort {
  readonly name: string;
  readonly element: ElementType;
  /** Dimensions after the rows. */
  readonly dims: readonly number[];
}

/** A graph that has been checked whole: operators, shapes, sizes. Running it cannot fail or grow beyond its row values. */
export interface CompiledGraph {
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** Values one row needs over all results together. */
  readonly rowValues: number;
  /** Buffers of the inputs in their order to buffers of the outputs in theirs. */
  readonly run: (inputs: readonly Buffer[], rows: number) => Buffer[];
}

const ELEMENTS = new Map<number, ElementType>([
  [ELEMENT_FLOAT, 'float'],
  [ELEMENT_STRING, 'string'],
  [ELEMENT_BOOL, 'bool'],
]);

const checkOpsets = ({ irVersion, opsets }: OnnxModelProto): void => {
  if (irVersion !== IR_VERSION)
    throw new OnnxDomainRefused('model', `IR version ${irVersion}, this reads ${IR_VERSION}`);
  const seen = new Set<string>();
  for (const { domain, version } of opsets) {
    const expected = OPSETS.get(domain);
    if (expected === undefined || seen.has(domain)) {
      throw new OnnxDomainRefused('model.opset_import', `operator set ${JSON.stringify(domain)} is not allowed here`);
    }
    if (version !== expected) {
      const name = domain === '' ? 'ai.onnx' : domain;
      throw new OnnxDomainRefused('model.opset_import', `${name} version ${version}, this reads ${expected}`);
    }
    seen.add(domain);
  }
};

const inputPort = ({ name, elementType, dims }: OnnxValueInfo): GraphPort => {
  const where = `graph.input ${JSON.stringify(name)}`;
  if (elementType !== ELEMENT_FLOAT && elementType !== ELEMENT_STRING) {
    throw new OnnxShapeMismatch(where, `element type ${elementType}; only float and string are read`);
  }
  if (name === '') throw new OnnxMalformed(where, 'no name');
  if (dims.length !== 2 || typeof dims[0] !== 'string' || dims[1] !== 1) {
    throw new OnnxShapeMismatch(where, `shape [${dims.slice(0, 4).join(',')}]; a feature is [N,1]`);
  }
  return { name, element: elementType === ELEMENT_FLOAT ? 'float' : 'string', dims: [1] };
};

interface Step {
  readonly node: CompiledNode;
  /** Slots of its batch operands. */
  readonly from: readonly number[];
}

/** Names of the graph: constants and, for what depends on the rows, the slot it is computed into. */
class Scope {
  private readonly names = new Map<string, Operand & { readonly slot: number }>();
  slots = 0;

  define(where: string, name: string, operand: Operand): void {
    if (name === '' || this.names.has(name)) {
      throw new OnnxMalformed(where, `the name ${JSON.stringify(name)} is empty or taken`);
    }
    this.names.set(name, { ...operand, slot: operand.kind === 'batch' ? this.slots++ : -1 });
  }

  find(where: string, name: string): Operand & { readonly slot: number } {
    const found = this.names.get(name);
    if (found === undefined) throw new OnnxMalformed(where, `${JSON.stringify(name)} is not defined before it is used`);
    return found;
  }
}

const compileNode = (node: OnnxNode, index: number, scope: Scope): Step => {
  const where = `graph.node[${index}] (${node.operator.slice(0, 64)})`;
  if (!OPSETS.has(node.domain))
    throw new OnnxDomainRefused(where, `domain ${JSON.stringify(node.domain)} is not allowed`);
  const compile = ALLOWED_OPERATORS.get(`${node.domain}:${node.operator}`);
  if (compile === undefined) {
    const name = `${node.domain || 'ai.onnx'}.${node.operator}`;
    throw new OnnxOperatorRefused(where, `operator ${JSON.stringify(name)} is not on the allow-list`);
  }
  const [output] = node.outputs;
  if (output === undefined || node.outputs.length > 1)
    throw new OnnxMalformed(where, `${node.outputs.length} outputs where one belongs`);
  const operands = node.inputs.map((name) => scope.find(where, name));
  const reader = new NodeReader(node, where, operands);
  const compiled = compile(reader, operands);
  reader.finish();
  scope.define(where, output, compiled.result);
  return { node: compiled, from: operands.filter((operand) => operand.kind === 'batch').map(({ slot }) => slot) };
};

const outputPort = (
  { name, elementType, dims }: OnnxValueInfo,
  scope: Scope,
): GraphPort & { readonly slot: number } => {
  const where = `graph.output ${JSON.stringify(name)}`;
  const found = scope.find(where, name);
  if (found.kind !== 'batch') throw new OnnxShapeMismatch(where, 'does not depend on the rows');
  const declared = dims.slice(1).join(',');
  if (ELEMENTS.get(elementType) !== found.element || typeof dims[0] !== 'string' || declared !== found.dims.join(',')) {
    throw new OnnxShapeMismatch(where, `is ${found.element} [N,${found.dims.join(',')}], declared otherwise`);
  }
  return { name, element: found.element, dims: found.dims, slot: found.slot };
};

/** Checks the whole graph and makes it ready to run. Throws the errors of `errors.ts`. */
export const compileGraph = (model: OnnxModelProto, limits: OnnxLimits): CompiledGraph => {
  checkOpsets(model);
  const { graph } = model;
  if (graph.nodes.length > limits.maximumNodes) {
    throw new OnnxTooLarge('graph', `${graph.nodes.length} nodes, the limit is ${limits.maximumNodes}`);
  }
  if (graph.inputs.length > limits.maximumInputs) {
    throw new OnnxTooLarge('graph', `${graph.inputs.length} inputs, the limit is ${limits.maximumInputs}`);
  }
  const scope = new Scope();
  const inputs = graph.inputs.map(inputPort);
  for (const port of inputs) scope.define('graph.input', port.name, { kind: 'batch', ...port });
  for (const tensor of graph.initializers) scope.define('graph.initializer', tensor.name, { kind: 'constant', tensor });
  let rowValues = inputs.length;
  const steps: Step[] = [];
  graph.nodes.forEach((node, index) => {
    const step = compileNode(node, index, scope);
    rowValues += rowSize((step.node.result satisfies BatchOperand).dims);
    // Checked at each node: a chain of Concat doubles its width at every one.
    if (rowValues > limits.maximumRowValues) {
      throw new OnnxTooLarge(
        `graph.node[${index}]`,
        `${rowValues} values a row, the limit is ${limits.maximumRowValues}`,
      );
    }
    steps.push(step);
  });
  const outputs = graph.outputs.map((output) => outputPort(output, scope));

  const run = (buffers: readonly Buffer[], rows: number): Buffer[] => {
    const slots: Buffer[] = [...buffers];
    for (const { node, from } of steps) {
      slots.push(
        node.run(
          from.map((slot) => slots[slot]!),
          rows,
        ),
      );
    }
    return outputs.map(({ slot }) => slots[slot]!);
  };
  return { inputs, outputs, rowValues, run };
};
