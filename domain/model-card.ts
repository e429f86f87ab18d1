import type { Classification } from './classification.ts';
import type { Digest } from './content-id.ts';
import type { Evaluation } from './model-version.ts';

/** What a model card says. No time and no name: the same model has the same card, to the byte. */
export interface ModelCardFacts {
  readonly model: string;
  readonly description: string;
  readonly task: string;
  readonly classification: Classification;
  readonly target: string;
  readonly recipeDigest: Digest;
  readonly datasetDigest: Digest;
  readonly rows: number;
  readonly algorithm: string;
  readonly hyperparameters: Readonly<Record<string, number>>;
  readonly features: readonly { readonly name: string; readonly kind: string; readonly importance: number }[];
  readonly dropped: readonly { readonly name: string; readonly reason: string }[];
  readonly importanceMeans: string;
  readonly tried: readonly {
    readonly algorithm: string;
    readonly metrics: Readonly<Record<string, number>>;
    readonly chosen: boolean;
  }[];
  readonly rule: string;
  readonly evaluation: Evaluation;
}

const figure = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(4));
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [
    `| ${head.join(' | ')} |`,
    `|${' --- |'.repeat(head.length)}`,
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n');

/** A model card in Markdown, after Mitchell et al., "Model Cards for Model Reporting" (2019): what it is, from what, how good, for what not. */
export function modelCard(facts: ModelCardFacts): string {
  const { evaluation, tried, features, dropped, hyperparameters } = facts;
  const names = Object.keys(evaluation.metrics).sort();
  const sections = [
    `# Model card: ${facts.model}`,
    facts.description,
    `## What it is\n${table(
      ['', ''],
      [
        ['task', facts.task],
        ['target', facts.target],
        ['algorithm', facts.algorithm],
        [
          'hyperparameters',
          Object.entries(hyperparameters)
            .map(([name, value]) => `${name} ${value}`)
            .join(', '),
        ],
        ['classification', `${facts.classification}, inherited from its data`],
        ['recipe', facts.recipeDigest],
        ['dataset version', `${facts.datasetDigest} (${facts.rows} rows)`],
      ],
    )}`,
    `## How good it is\nMeasured on ${evaluation.testRows} rows that training did not see.\n\n${table(
      ['metric', 'value'],
      names.map((name) => [name, figure(evaluation.metrics[name] as number)]),
    )}`,
    `## How it was chosen\n${facts.rule}.\n\n${table(
      ['tried', 'chosen', ...names.filter((name) => name !== 'threshold').slice(0, 3)],
      tried.map((trial) => [
        trial.algorithm,
        trial.chosen ? 'yes' : 'no',
        ...names
          .filter((name) => name !== 'threshold')
          .slice(0, 3)
          .map((name) => (trial.metrics[name] === undefined ? '' : figure(trial.metrics[name]))),
      ]),
    )}`,
    `## What it looks at\nImportance: ${facts.importanceMeans}.\n\n${table(
      ['feature', 'kind', 'importance'],
      features.map(({ name, kind, importance }) => [name, kind, figure(importance)]),
    )}`,
    ...(dropped.length === 0
      ? []
      : [
          `Not used:\n\n${table(
            ['column', 'reason'],
            dropped.map(({ name, reason }) => [name, reason]),
          )}`,
        ]),
    `## Limits\nIt knows the population of its dataset version and no other. Its figures are of one held-out part of that data; they are no promise
for other data. It was not examined for fairness between groups of persons.`,
  ];
  return `${sections.join('\n\n')}\n`;
}
