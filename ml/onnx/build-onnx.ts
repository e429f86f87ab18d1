import type { LinearPredictor } from '../linear-predictor.ts';
import type { Model } from '../model.ts';
import type { TreePredictor } from '../tree-predictor.ts';
import { IR_VERSION, OPSETS } from './allowed-operators.ts';
import {
  ELEMENT_FLOAT,
  ELEMENT_STRING,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './model-proto.ts';
import { writeModelProto } from './write-model-proto.ts';

const ML = 'ai.onnx.ml';

/** Intermediate names; features may not start so (see learnFeatures). */
const own = (name: string) => `sluice/${name}`;

/** Collects nodes and constants in order; each node has one output. */
class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];

  constant(name: string, values: OnnxTensor['values'], dims: readonly number[] = [values.data.length]): string {
    this.initializers.push({ name: own(name), dims, values });
    return own(name);
  }

  node(
    operator: string,
    domain: '' | typeof ML,
    inputs: readonly string[],
    output: string,
    attributes: readonly OnnxAttribute[] = [],
  ): string {
    this.nodes.push({ name: `${operator} ${output}`, operator, domain, inputs, outputs: [output], attributes });
    return output;
  }

  concat(inputs: readonly string[], output: string): string {
    return this.node('Concat', '', inputs, output, [{ name: 'axis', type: 'int', value: 1 }]);
  }
}

const floats = (name: string, values: Iterable<number>): OnnxAttribute => ({
  name,
  type: 'floats',
  value: Float32Array.from(values),
});
const float = (name: string, value: number): OnnxAttribute => ({ name, type: 'float', value });
const ints = (name: string, value: readonly number[]): OnnxAttribute => ({ name, type: 'ints', value });
const int = (name: string, value: number): OnnxAttribute => ({ name, type: 'int', value });
const strings = (name: string, value: readonly string[]): OnnxAttribute => ({ name, type: 'strings', value });

/** Numbers: mean for NaN, standardised, and beside them which were NaN. Categories: one-hot, unknown all zeros. */
const buildLinear = (graph: GraphBuilder, { numbers, categories, intercept }: LinearPredictor, score: string): void => {
  const parts: string[] = [];
  const coefficients: number[] = [];
  if (numbers.length > 0) {
    const raw = graph.concat(
      numbers.map(({ name }) => name),
      own('numbers'),
    );
    const imputed = graph.node('Imputer', ML, [raw], own('imputed'), [
      floats(
        'imputed_value_floats',
        numbers.map(({ offset }) => offset),
      ),
      float('replaced_value_float', Number.NaN),
    ]);
    parts.push(
      graph.node('Scaler', ML, [imputed], own('standardised'), [
        floats(
          'offset',
          numbers.map(({ offset }) => offset),
        ),
        floats(
          'scale',
          numbers.map(({ scale }) => scale),
        ),
      ]),
    );
    const missing = graph.node('IsNaN', '', [raw], own('missing'));
    parts.push(graph.node('Cast', '', [missing], own('indicators'), [int('to', ELEMENT_FLOAT)]));
    coefficients.push(...numbers.map(({ coefficient }) => coefficient));
    coefficients.push(...numbers.map(({ missingCoefficient }) => missingCoefficient));
  }
  categories.forEach(({ name, levels, coefficients: ofLevels }, i) => {
    const hot = graph.node('OneHotEncoder', ML, [name], own(`one-hot ${i}`), [
      strings('cats_strings', levels),
      int('zeros', 1),
    ]);
    const shape = graph.constant(`shape ${i}`, { type: 'int64', data: [-1, levels.length] });
    parts.push(graph.node('Reshape', '', [hot, shape], own(`levels ${i}`)));
    coefficients.push(...ofLevels);
  });
  const all = graph.concat(parts, own('features'));
  graph.node('LinearRegressor', ML, [all], score, [
    floats('coefficients', coefficients),
    floats('intercepts', [intercept]),
    int('targets', 1),
  ]);
};

/** Categories become their rank, unknown and missing NaN; then the trees. */
const buildTrees = (graph: GraphBuilder, { inputs, trees, baseValue }: TreePredictor, score: string): void => {
  const columns = inputs.map((input, i) =>
    input.kind === 'number'
      ? input.name
      : graph.node('LabelEncoder', ML, [input.name], own(`rank ${i}`), [
          strings('keys_strings', input.ranked),
          floats('values_floats', input.ranked.keys()),
          float('default_float', Number.NaN),
        ]),
  );
  const all = graph.concat(columns, own('features'));
  const each = <T>(pick: (tree: TreePredictor['trees'][number], node: number, index: number) => T): T[] => {
    const list: T[] = [];
    trees.forEach((tree, index) => {
      for (let node = 0; node < tree.feature.length; node++) list.push(pick(tree, node, index));
    });
    return list;
  };
  const leaf = each((tree, node) => tree.feature[node]! < 0);
  const ofLeaves = <T>(list: readonly T[]) => list.filter((_, i) => leaf[i]);
  const treeIds = each((_tree, _node, index) => index);
  const nodeIds = each((_tree, node) => node);
  graph.node('TreeEnsembleRegressor', ML, [all], score, [
    int('n_targets', 1),
    floats('base_values', [baseValue]),
    ints('nodes_treeids', treeIds),
    ints('nodes_nodeids', nodeIds),
    ints(
      'nodes_featureids',
      each((tree, node) => Math.max(0, tree.feature[node]!)),
    ),
    floats(
      'nodes_values',
      each((tree, node) => tree.threshold[node]!),
    ),
    strings(
      'nodes_modes',
      leaf.map((isLeaf) => (isLeaf ? 'LEAF' : 'BRANCH_LEQ')),
    ),
    ints(
      'nodes_truenodeids',
      each((tree, node) => tree.left[node]!),
    ),
    ints(
      'nodes_falsenodeids',
      each((tree, node) => tree.right[node]!),
    ),
    ints(
      'nodes_missing_value_tracks_true',
      each((tree, node) => tree.missingLeft[node]!),
    ),
    ints('target_treeids', ofLeaves(treeIds)),
    ints('target_nodeids', ofLeaves(nodeIds)),
    ints('target_ids', new Array<number>(ofLeaves(treeIds).length).fill(0)),
    floats('target_weights', ofLeaves(each((tree, node) => tree.value[node]!))),
  ]);
};

/** Score to the two probabilities and, by the threshold, the label. */
const buildClassifier = (graph: GraphBuilder, labels: readonly [string, string], threshold: number): void => {
  const positive = graph.node('Sigmoid', '', [own('score')], own('positive'));
  const one = graph.constant('one', { type: 'float', data: Float32Array.of(1) });
  const negative = graph.node('Sub', '', [one, positive], own('negative'));
  graph.concat([negative, positive], 'probabilities');
  const bound = graph.constant('threshold', { type: 'float', data: Float32Array.of(threshold) });
  const called = graph.node('GreaterOrEqual', '', [positive, bound], own('called'));
  const yes = graph.constant('positive label', { type: 'string', data: [labels[1]] });
  const no = graph.constant('negative label', { type: 'string', data: [labels[0]] });
  const column = graph.node('Where', '', [called, yes, no], own('label column'));
  const flat = graph.constant('flat', { type: 'int64', data: [-1] });
  graph.node('Reshape', '', [column, flat], 'label');
};

const OUTPUTS: Readonly<Record<Model['task'], readonly OnnxValueInfo[]>> = {
  'binary-classification': [
    { name: 'label', elementType: ELEMENT_STRING, dims: ['N'] },
    { name: 'probabilities', elementType: ELEMENT_FLOAT, dims: ['N', 2] },
  ],
  regression: [{ name: 'prediction', elementType: ELEMENT_FLOAT, dims: ['N', 1] }],
};

/**
 * The model as one ONNX graph from raw features to answers. Inputs: one a feature, float [N,1] (NaN = missing) or string [N,1] ('' = missing). Outputs:
 * `label` string [N] and `probabilities` float [N,2] ([negative, positive]), or `prediction` float [N,1]. No timestamps: the same model gives the same bytes.
 */
export const buildOnnx = (model: Model): Uint8Array => {
  const graph = new GraphBuilder();
  const score = model.task === 'regression' ? 'prediction' : own('score');
  if (model.predictor.kind === 'linear') buildLinear(graph, model.predictor, score);
  else buildTrees(graph, model.predictor, score);
  if (model.labels !== null) buildClassifier(graph, model.labels, model.threshold ?? 0.5);
  const metadata = [
    { key: 'sluice.algorithm', value: model.algorithm },
    { key: 'sluice.target', value: model.target },
    { key: 'sluice.task', value: model.task },
    ...(model.labels === null ? [] : [{ key: 'sluice.labels', value: JSON.stringify(model.labels) }]),
  ];
  return writeModelProto({
    irVersion: IR_VERSION,
    producerName: 'sluice',
    producerVersion: model.format,
    opsets: [...OPSETS].map(([domain, version]) => ({ domain, version })),
    metadata,
    graph: {
      name: 'sluice',
      nodes: graph.nodes,
      initializers: graph.initializers,
      inputs: model.features.map(({ name, kind }) => ({
        name,
        elementType: kind === 'number' ? ELEMENT_FLOAT : ELEMENT_STRING,
        dims: ['N', 1],
      })),
      outputs: OUTPUTS[model.task],
    },
  });
};
