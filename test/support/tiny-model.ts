/** A model that is trained in no time: two numbers and a category say a label, nearly. */
export const TINY_MODEL = 'tiny-model';

/** `gates` is YAML below `gates.dev`. Nothing of it is confidential, and nobody has to agree. */
export const tinyModelYaml = ({
  gate = '{ auc: { min: 0.6 } }',
  strategy = 'retrain',
}: {
  gate?: string;
  strategy?: 'retrain' | 'copy';
} = {}): string => `
model: ${TINY_MODEL}
description: A table that tests made up.
task: binary-classification
data:
  classification: internal
  target: { column: label, positive: 'yes' }
  rows: { min: 100, max: 100000 }
  columns:
    label: { type: category, values: ['no', 'yes'] }
    height: { type: number, min: -10, max: 10 }
    weight: { type: number, min: -10, max: 10, missing: 0.5 }
    colour: { type: category, values: [red, green, blue] }
training:
  trainer: embedded
  algorithms: [logistic-regression]
  seed: 1
  test: 0.25
gates:
  dev: { approvals: 0, metrics: ${gate} }
  acc: { approvals: 0, metrics: ${gate} }
  prd: { approvals: 0, metrics: ${gate} }
promotion: { strategy: ${strategy} }
serving: { maxRows: 100 }
`;

/** Another seed gives other rows, and with them another dataset. */
export function tinyRows(seed: number, count = 240): string[] {
  let state = seed * 2_654_435_761;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    const height = random() * 4 - 2;
    const weight = random() * 4 - 2;
    const label = height + 0.5 * weight + random() - 0.5 > 0 ? 'yes' : 'no';
    const colour = ['red', 'green', 'blue'][Math.floor(random() * 3)];
    return `${label},${height.toFixed(4)},${weight.toFixed(4)},${colour}`;
  });
}

export const TINY_HEADER = 'label,height,weight,colour';

export const tinyCsv = (seed: number, count?: number): string =>
  `${[TINY_HEADER, ...tinyRows(seed, count)].join('\n')}\n`;
