import { type Forest, scoreForest } from '../../forest.ts';
import { batchOf, type CompileOperator, type NodeReader } from '../operator.ts';

interface NodeLists {
  readonly trees: readonly number[];
  readonly ids: readonly number[];
  readonly features: readonly number[];
  readonly thresholds: Float32Array;
  readonly modes: readonly string[];
  readonly whenTrue: readonly number[];
  readonly whenFalse: readonly number[];
  readonly missingTrue: readonly number[];
}

const readNodeLists = (node: NodeReader): NodeLists => {
  const trees = node.attribute('nodes_treeids', 'ints');
  const lists = {
    trees,
    ids: node.attribute('nodes_nodeids', 'ints'),
    features: node.attribute('nodes_featureids', 'ints'),
    thresholds: node.attribute('nodes_values', 'floats'),
    modes: node.attribute('nodes_modes', 'strings'),
    whenTrue: node.attribute('nodes_truenodeids', 'ints'),
    whenFalse: node.attribute('nodes_falsenodeids', 'ints'),
    missingTrue: node.attribute(
      'nodes_missing_value_tracks_true',
      'ints',
      trees.map(() => 0),
    ),
  };
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== trees.length) throw node.mismatch(`${list.length} ${name} for ${trees.length} nodes`);
  }
  return lists;
};

/** Where each (tree, node) pair stands in the lists. */
class NodePlaces {
  private readonly places = new Map<number, Map<number, number>>();

  constructor(node: NodeReader, trees: readonly number[], ids: readonly number[]) {
    trees.forEach((tree, place) => {
      let ofTree = this.places.get(tree);
      if (ofTree === undefined) {
        ofTree = new Map();
        this.places.set(tree, ofTree);
      }
      if (ofTree.has(ids[place]!)) throw node.malformed(`tree ${tree} has node ${ids[place]} twice`);
      ofTree.set(ids[place]!, place);
    });
  }

  get trees(): number {
    return this.places.size;
  }

  of(node: NodeReader, tree: number, id: number): number {
    const place = this.places.get(tree)?.get(id);
    if (place === undefined) throw node.malformed(`tree ${tree} has no node ${id}`);
    return place;
  }
}

/** Links the nodes and makes sure they are trees: one root each, every other node with one parent, all reachable, hence no cycle. */
const linkTrees = (node: NodeReader, lists: NodeLists, places: NodePlaces, width: number) => {
  const size = lists.trees.length;
  const feature = new Int32Array(size).fill(-1);
  const left = new Int32Array(size);
  const right = new Int32Array(size);
  const hasParent = new Uint8Array(size);
  const adopt = (tree: number, id: number): number => {
    const child = places.of(node, tree, id);
    if (hasParent[child] === 1) throw node.malformed(`tree ${tree}, node ${id}: two parents`);
    hasParent[child] = 1;
    return child;
  };
  for (let place = 0; place < size; place++) {
    const tree = lists.trees[place]!;
    const mode = lists.modes[place]!;
    if (mode === 'LEAF') continue;
    if (mode !== 'BRANCH_LEQ') throw node.refused(`node mode ${JSON.stringify(mode)}`);
    const column = lists.features[place]!;
    if (column < 0 || column >= width) throw node.mismatch(`tree ${tree}: feature ${column} of ${width} columns`);
    if (Number.isNaN(lists.thresholds[place]!)) throw node.malformed(`tree ${tree}: a threshold is NaN`);
    feature[place] = column;
    left[place] = adopt(tree, lists.whenTrue[place]!);
    right[place] = adopt(tree, lists.whenFalse[place]!);
  }
  const roots = Int32Array.from(hasParent.keys()).filter((place) => hasParent[place] === 0);
  if (roots.length !== places.trees) throw node.malformed(`${roots.length} roots for ${places.trees} trees`);
  if (new Set(roots.map((root) => lists.trees[root]!)).size !== roots.length) {
    throw node.malformed('a tree with two roots');
  }
  let reached = 0;
  const stack = Array.from(roots);
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    reached += 1;
    if (feature[place]! >= 0) stack.push(left[place]!, right[place]!);
  }
  if (reached !== size) throw node.malformed('nodes that no root reaches: a cycle');
  return { roots, feature, left, right };
};

/** What each leaf adds. */
const leafValues = (node: NodeReader, places: NodePlaces, feature: Int32Array): Float32Array => {
  const trees = node.attribute('target_treeids', 'ints');
  const ids = node.attribute('target_nodeids', 'ints');
  const targets = node.attribute('target_ids', 'ints');
  const weights = node.attribute('target_weights', 'floats');
  if (ids.length !== trees.length || targets.length !== trees.length || weights.length !== trees.length) {
    throw node.mismatch('target lists of different lengths');
  }
  if (targets.some((target) => target !== 0)) throw node.refused('only one target');
  const value = new Float32Array(feature.length);
  const given = new Uint8Array(feature.length);
  trees.forEach((tree, i) => {
    const place = places.of(node, tree, ids[i]!);
    if (feature[place]! >= 0 || given[place] === 1) {
      throw node.malformed(`tree ${tree}, node ${ids[i]}: a weight that is not a leaf's only one`);
    }
    given[place] = 1;
    value[place] = weights[i]!;
  });
  return value;
};

/** One target, sum of leaves, BRANCH_LEQ and LEAF nodes. */
export const compileTreeEnsembleRegressor: CompileOperator = (node) => {
  node.expectOperands(1);
  const { width } = node.batch(0, 'float');
  if (node.attribute('n_targets', 'int') !== 1) throw node.refused('only one target');
  if (node.attribute('post_transform', 'string', 'NONE') !== 'NONE') throw node.refused('only post_transform NONE');
  if (node.attribute('aggregate_function', 'string', 'SUM') !== 'SUM')
    throw node.refused('only aggregate_function SUM');
  const baseValues = node.attribute('base_values', 'floats', new Float32Array(1));
  if (baseValues.length !== 1) throw node.mismatch(`${baseValues.length} base_values for one target`);
  const lists = readNodeLists(node);
  const places = new NodePlaces(node, lists.trees, lists.ids);
  const links = linkTrees(node, lists, places, width);
  const forest: Forest = {
    ...links,
    threshold: lists.thresholds,
    missingLeft: Uint8Array.from(lists.missingTrue, (value) => (value === 1 ? 1 : 0)),
    value: leafValues(node, places, links.feature),
    baseValue: baseValues[0]!,
  };
  return {
    result: batchOf('float', 1),
    run: ([buffer], rows) => scoreForest(forest, buffer as Float32Array, width, rows),
  };
};
