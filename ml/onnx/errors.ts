/** Why ONNX bytes or a request were refused. `where` is a path such as `graph.node[3] (Concat).attribute[axis]`. */
abstract class OnnxError extends Error {
  readonly where: string;
  constructor(where: string, problem: string) {
    super(`${where}: ${problem}`);
    this.where = where;
  }
}

/** The bytes are not a well-formed model, or a node does not follow its operator's rules. */
export class OnnxMalformed extends OnnxError {
  override readonly name = 'OnnxMalformed';
}

/** A size, count or shape is over its limit. */
export class OnnxTooLarge extends OnnxError {
  override readonly name = 'OnnxTooLarge';
}

/** An operator, or a use of one, that is not on the allow-list. */
export class OnnxOperatorRefused extends OnnxError {
  override readonly name = 'OnnxOperatorRefused';
}

/** An operator set other than ai.onnx and ai.onnx.ml, or an unsupported version of them. */
export class OnnxDomainRefused extends OnnxError {
  override readonly name = 'OnnxDomainRefused';
}

/** A part of ONNX that is never needed and could carry code or point outside: external data, functions, subgraphs, training info. */
export class OnnxFeatureRefused extends OnnxError {
  override readonly name = 'OnnxFeatureRefused';
}

/** Shapes or element types that do not fit together. */
export class OnnxShapeMismatch extends OnnxError {
  override readonly name = 'OnnxShapeMismatch';
}

/** A row to predict that lacks a feature or has one of the wrong type. */
export class OnnxInputInvalid extends OnnxError {
  override readonly name = 'OnnxInputInvalid';
}
