import type { CompileOperator } from './operator.ts';
import {
  compileImputer,
  compileLabelEncoder,
  compileOneHotEncoder,
  compileScaler,
} from './operators/feature-operators.ts';
import { compileLinearRegressor } from './operators/linear-regressor.ts';
import {
  compileCast,
  compileConcat,
  compileGreaterOrEqual,
  compileIsNaN,
  compileReshape,
  compileSigmoid,
  compileSub,
  compileWhere,
} from './operators/tensor-operators.ts';
import { compileTreeEnsembleRegressor } from './operators/tree-ensemble-regressor.ts';

/** The two operator sets and the versions whose meaning the operators below have. */
export const OPSETS: ReadonlyMap<string, number> = new Map([
  ['', 17],
  ['ai.onnx.ml', 3],
]);

export const IR_VERSION = 8;

/** All that a model may do, as `domain:operator`. */
export const ALLOWED_OPERATORS: ReadonlyMap<string, CompileOperator> = new Map([
  [':Cast', compileCast],
  [':Concat', compileConcat],
  [':GreaterOrEqual', compileGreaterOrEqual],
  [':IsNaN', compileIsNaN],
  [':Reshape', compileReshape],
  [':Sigmoid', compileSigmoid],
  [':Sub', compileSub],
  [':Where', compileWhere],
  ['ai.onnx.ml:Imputer', compileImputer],
  ['ai.onnx.ml:LabelEncoder', compileLabelEncoder],
  ['ai.onnx.ml:LinearRegressor', compileLinearRegressor],
  ['ai.onnx.ml:OneHotEncoder', compileOneHotEncoder],
  ['ai.onnx.ml:Scaler', compileScaler],
  ['ai.onnx.ml:TreeEnsembleRegressor', compileTreeEnsembleRegressor],
]);
