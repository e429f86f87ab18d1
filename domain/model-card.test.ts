import { expect, it } from 'vitest';
import { type ModelCardFacts, modelCard } from './model-card.ts';

const facts: ModelCardFacts = {
  model: 'credit-risk',
  description: 'Whether a loan applicant will default.',
  task: 'binary-classification',
  classification: 'confidential',
  target: 'Status',
  recipeDigest: 'a'.repeat(64),
  datasetDigest: 'b'.repeat(64),
  rows: 1_500,
  algorithm: 'logistic-regression',
  hyperparameters: { l2: 0.5 },
  features: [{ name: 'a|b', kind: 'number', importance: 0.25 }],
  dropped: [{ name: 'Id', reason: 'one value\na row' }],
  importanceMeans: 'share of the coefficients',
  tried: [{ algorithm: 'logistic-regression', metrics: { auc: 0.8123456, brier: 0.2 }, chosen: true }],
  rule: 'Best log-loss on the validation rows',
  evaluation: { metrics: { threshold: 0.4, brier: 0.19, auc: 0.8 }, testRows: 375 },
};

it('the same model has the same card, to the byte, in whatever order its metrics came', () => {
  const reversed = {
    ...facts,
    evaluation: { ...facts.evaluation, metrics: { auc: 0.8, brier: 0.19, threshold: 0.4 } },
  };
  expect(modelCard(reversed)).toBe(modelCard(facts));
});

it('says what it is, from which data, how good, and how sensitive', () => {
  const card = modelCard(facts);
  expect(card).toContain('# Model card: credit-risk');
  expect(card).toContain('| classification | confidential, inherited from its data |');
  expect(card).toContain(`| dataset version | ${'b'.repeat(64)} (1500 rows) |`);
  expect(card).toContain('Measured on 375 rows that training did not see.');
  expect(card).toContain('| auc | 0.8000 |');
});

it('keeps a name or a reason from breaking out of its table cell', () => {
  const card = modelCard(facts);
  expect(card).toContain('| a\\|b | number | 0.2500 |');
  expect(card).toContain('| Id | one value a row |');
});

it('has no section for columns that were not used where all were', () => {
  expect(modelCard({ ...facts, dropped: [] })).not.toContain('Not used');
});
