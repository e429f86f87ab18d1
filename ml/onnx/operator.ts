import { OnnxMalformed, OnnxOperatorRefused, OnnxShapeMismatch } from './errors.ts';
import type { OnnxAttribute, OnnxAttributeValue, OnnxNode, OnnxTensor } from './model-proto.ts';

export type ElementType = 'float' | 'int64' | 'string' | 'bool';

/** Values of a batch, row-major. */
export type Buffer = Float32Array | Uint8Array | string[];

/** A tensor whose first dimension is the rows of the batch; `dims` are the ones after it. */
export interface BatchOperand {
  readonly kind: 'batch';
  readonly element: ElementType;
  readonly dims: readonly number[];
}

export interface ConstantOperand {
  readonly kind: 'constant';
  readonly tensor: OnnxTensor;
}

export type Operand = BatchOperand | ConstantOperand;

/** A node ready to run: its result, and how to get it from the buffers of its batch operands (constants are built in). */
export interface CompiledNode {
  readonly result: BatchOperand;
  readonly run: (buffers: readonly Buffer[], rows: number) => Buffer;
}

export type CompileOperator = (node: NodeReader, operands: readonly Operand[]) => CompiledNode;

/** Values of one row. */
export const rowSize = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

type AttributeValues = { readonly [V in OnnxAttributeValue as V['type']]: V['value'] };

/** A node's attributes and operands by type; what is left unread at the end is refused. */
export class NodeReader {
  readonly where: string;
  private readonly attributes: Map<string, OnnxAttribute>;
  private readonly operands: readonly Operand[];

  constructor(node: OnnxNode, where: string, operands: readonly Operand[]) {
    this.where = where;
    this.attributes = new Map(node.attributes.map((attribute) => [attribute.name, attribute]));
    this.operands = operands;
  }

  malformed(problem: string): OnnxMalformed {
    return new OnnxMalformed(this.where, problem);
  }

  refused(problem: string): OnnxOperatorRefused {
    return new OnnxOperatorRefused(this.where, problem);
  }

  mismatch(problem: string): OnnxShapeMismatch {
    return new OnnxShapeMismatch(this.where, problem);
  }

  /** The attribute's value; the default, if there is one, when it is absent. */
  attribute<T extends OnnxAttribute['type']>(name: string, type: T, fallback?: AttributeValues[T]): AttributeValues[T] {
    const found = this.attributes.get(name);
    this.attributes.delete(name);
    if (found === undefined) {
      if (fallback === undefined) throw this.malformed(`attribute ${name} is absent`);
      return fallback;
    }
    if (found.type !== type) throw this.malformed(`attribute ${name} is ${found.type}, not ${type}`);
    return found.value as AttributeValues[T];
  }

  /** Refuses attributes that nothing has read: they would change what the operator does. */
  finish(): void {
    const [unread] = this.attributes.keys();
    if (unread !== undefined) throw this.refused(`attribute ${JSON.stringify(unread)} is not supported`);
  }

  expectOperands(count: number): void {
    if (this.operands.length !== count) throw this.malformed(`${this.operands.length} inputs where ${count} belong`);
  }

  /** The operand as a batch of that element type, with one dimension after the rows. */
  batch(index: number, element: ElementType): { readonly width: number } {
    const operand = this.operands[index];
    if (operand?.kind !== 'batch') throw this.refused(`input ${index} must depend on the rows`);
    if (operand.element !== element) throw this.mismatch(`input ${index} is ${operand.element}, not ${element}`);
    if (operand.dims.length !== 1)
      throw this.mismatch(`input ${index} has shape [N,${operand.dims.join(',')}], not [N,C]`);
    return { width: operand.dims[0]! };
  }

  constant(index: number): OnnxTensor {
    const operand = this.operands[index];
    if (operand?.kind !== 'constant') throw this.refused(`input ${index} must be an initializer`);
    return operand.tensor;
  }

  /** A constant float or string of one element. */
  scalarFloat(index: number): number {
    const { values } = this.constant(index);
    if (values.type !== 'float' || values.data.length !== 1) throw this.mismatch(`input ${index} must be one float`);
    return values.data[0]!;
  }

  scalarString(index: number): string {
    const { values } = this.constant(index);
    if (values.type !== 'string' || values.data.length !== 1) throw this.mismatch(`input ${index} must be one string`);
    return values.data[0]!;
  }
}

/** A result with one dimension after the rows. */
export const batchOf = (element: ElementType, width: number): BatchOperand => ({
  kind: 'batch',
  element,
  dims: [width],
});
